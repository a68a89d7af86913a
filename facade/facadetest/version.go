package facadetest

import "fmt"

// release is a release of Windmill, by its version.
type release string

const (
	newest release = "1.743.0"
	older  release = "1.505.0"
)

// version is what GET /version answers: the community edition's release image.
func (r release) version() string { return "CE v" + string(r) }

// at ends a text with the place in the server's source that the newer server names.
func (r release) at(place string) string {
	if r == older {
		return ""
	}
	return " (" + place + ")"
}

// noRows is the answer for an unknown hash.
func (r release) noRows() string {
	line := "369:31"
	if r == older {
		line = "333:31"
	}
	return "SqlErr: no rows returned by a query that expected to return at least one row " +
		"@trigger_helpers.rs:" + line
}

// badToken is the answer for a token that is not valid, and the content type that it has.
func (r release) badToken() (body, contentType string) {
	if r == older {
		return "Unauthorized", textUTF8
	}
	return "Not authorized: Unauthorized", textPlain
}

// badQuery is the answer for a query parameter that cannot be read.
func (r release) badQuery(field, why string) string {
	if r == older || field == "" {
		return "Failed to deserialize query string: " + why
	}
	return "Failed to deserialize query string: " + field + ": " + why
}

// badUUID is what the server says of text that is not a UUID.
func (r release) badUUID(text string) string {
	for i, ch := range text {
		if ch == '-' || ch >= '0' && ch <= '9' || ch >= 'a' && ch <= 'f' || ch >= 'A' && ch <= 'F' {
			continue
		}
		if r == older {
			const expected = "expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-]"
			return fmt.Sprintf("UUID parsing failed: invalid character: %s, found `%c` at %d",
				expected, ch, i+1)
		}
		return fmt.Sprintf("UUID parsing failed: invalid character: found `%c` at %d", ch, i)
	}
	return fmt.Sprintf("UUID parsing failed: invalid length: "+
		"expected length 32 for simple format, found %d", len(text))
}

// badID is the answer for a job id in a path that is not a UUID.
func (r release) badID(text string) string {
	if r == older {
		return "Invalid URL: " + r.badUUID(text)
	}
	return fmt.Sprintf("Invalid URL: Cannot parse `id` with value `%s`: %s", text, r.badUUID(text))
}

// badHash is the answer for a script hash that is no hexadecimal number.
func (r release) badHash(why string) string {
	if r == older {
		return "Invalid URL: HexErr: " + why + " @scripts.rs:451:13"
	}
	return "Invalid URL: " + why
}

// shortHash is the answer for a hash of fewer than eight bytes.
func (r release) shortHash(text string) string {
	why := "hex string did not decode to an u64: " + text
	if r == older {
		return "Invalid URL: Bad request: " + why
	}
	return "Invalid URL: " + why
}
