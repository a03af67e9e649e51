// Package secret keeps credentials out of every text a process writes (R11.4). A String refuses to print
// itself; a Set knows the process's own secrets and cuts them, and whatever looks like one, out of bytes that
// are already encoded: a LogValuer or MarshalJSON alone leaks from inside structs, maps, slices and errors.
package secret

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"log/slog"
)

// Mask stands where a secret was.
const Mask = "[redacted]"

// String is a secret text. The zero value is empty. Every String made is known to Process().
type String struct {
	// A pointer: fmt prints an unexported field of a foreign struct without asking its methods, and then it
	// prints an address instead of the text.
	text *string
}

// New wraps text and makes it known to the process's own Set.
func New(text string) String {
	Process().Add(text)
	return String{text: &text}
}

// Reveal returns the secret itself: call it where the secret is used, nowhere else.
func (s String) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Empty reports whether there is no secret.
func (s String) Empty() bool { return s.Reveal() == "" }

// Equal compares in constant time.
func (s String) Equal(other String) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

func (s String) String() string {
	if s.Empty() {
		return ""
	}
	return Mask
}

// Format makes every verb print the mask, %#v and %x included.
func (s String) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

func (s String) LogValue() slog.Value { return slog.StringValue(s.String()) }

func (s String) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

func (s String) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText lets configuration be read straight into a String.
func (s *String) UnmarshalText(text []byte) error {
	*s = New(string(text))
	return nil
}

// UnmarshalJSON reads a JSON string.
func (s *String) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("secret: want a JSON string") //nolint:err113 // the decoder's own error may quote the input
	}
	*s = New(text)
	return nil
}
