// Package planted decodes in ways that a reader may miss; nothing compiles it.
package planted

import "encoding/json"

var kept = func() (v any) { _ = json.NewDecoder(nil).Decode(&v); return v }()

func plain(raw []byte) (v any) { _ = json.Unmarshal(raw, &v); return v }

func hidden(raw []byte) (v any) {
	defer func() {
		if options := (struct{ json.Decoder }{}); options.More() {
			_ = lenient.Unmarshal(raw, v)
		}
	}()
	return v
}

func none(raw []byte) int { return len(raw) }
