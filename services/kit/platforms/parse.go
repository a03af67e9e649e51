package platforms

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"go.yaml.in/yaml/v3"
)

// parse refuses unknown keys: a misspelt limit would otherwise read as "none".
func parse(raw []byte) (Rules, error) {
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	var r Rules
	if err := dec.Decode(&r); err != nil {
		return Rules{}, err
	}
	if err := dec.Decode(new(any)); !errors.Is(err, io.EOF) {
		return Rules{}, errors.New("want exactly one document")
	}
	return r, r.validate()
}

func (r Rules) validate() error {
	switch {
	case r.Name == "" || r.Title == "":
		return errors.New("name and title are required")
	case r.MaxGraphemes <= 0 && r.MaxChars <= 0:
		return errors.New("a text limit is required: max_graphemes or max_chars")
	case r.MaxGraphemes > 0 && r.MaxChars > 0:
		return errors.New("max_graphemes and max_chars exclude each other: Count has one unit")
	case slices.Min([]int{r.MaxGraphemes, r.MaxChars, r.MaxBytes, r.LinkChars, r.MaxImages, r.MaxImageBytes, r.MaxAltChars, r.MaxTags, r.MaxTagGraphemes, r.MaxLangs}) < 0:
		return errors.New("limits are not negative")
	case r.PostsPerDay <= 0:
		return errors.New("posts_per_day is required: no account publishes without bound")
	case r.ReadLag <= 0 || r.KeyLifetime <= 0:
		return errors.New("read_lag and key_lifetime are required: an unknown outcome is resolved by them")
	}
	return r.Disclosure.validate()
}

func (d Disclosure) validate() error {
	switch {
	case d.Source == "":
		return errors.New("disclosure: a rule without its source cannot be kept up to date")
	case d.Field != FieldSelfLabel && d.Field != FieldText:
		return fmt.Errorf("disclosure: unknown field %q", d.Field)
	case d.Field == FieldSelfLabel && d.Label == "", d.Field == FieldText && d.TextSuffix == "":
		return fmt.Errorf("disclosure: field %q has nothing to disclose with", d.Field)
	}
	return nil
}
