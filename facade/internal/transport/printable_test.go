package transport

import "testing"

func TestPrintable(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"nothing":            {"", ""},
		"text":               {"a é 你 🚀\n\tb\n", "a é 你 🚀\n\tb\n"},
		"a colour":           {"\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		"a carriage return":  {"10%\r20%\r\n", `10%\x0d20%\x0d` + "\n"},
		"NUL, bell, delete":  {"\x00\a\x7f", `\x00\x07\x7f`},
		"C1":                 {"\u009b31m", `\x9b31m`},
		"a backslash itself": {`\x1b`, `\x1b`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Printable(test.text); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
