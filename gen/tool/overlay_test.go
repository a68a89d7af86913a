package main

import "testing"

func TestSlipsInTheOverlayAreReportedAndNothingChanges(t *testing.T) {
	const head = "overlay: 1.1.0\ninfo: {title: x, version: \"1\"}\nactions:\n  - "
	cases := []struct{ name, action, want string }{
		{"a target is not there",
			"{target: \"$.paths.*.*.parameters[?@.name == 'hue']\", update: {description: x}}",
			"hue"},
		{"what is to be removed is not there",
			"{target: \"$..[?@.format == 'ipv4'].format\", remove: true}",
			"ipv4"},
		{"a target is not a path",
			"{target: '$..[?@.x == ', remove: true}",
			"$..[?@.x == "},
		{"a field is explained that is not in use",
			"{target: $.components.schemas.Job.properties, update: {mood: {description: x}}}",
			"it explains what is not in use: the field `Job.mood`"},
		{"a response is explained that upstream does not have",
			"{target: $.paths.*.get, update: {responses: {\"203\": {description: x}}}}",
			"it explains what is not in use: a response of get /oauth/start/{client}, a response of "},
		{"a key is misspelled",
			"{target: $.info, update: {titel: x}}",
			"field titel not found"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := newProject(t)
			p.write("gen/overlay.yaml", head+c.action+"\n")
			p.refused(upstream, c.want)
		})
	}
}
