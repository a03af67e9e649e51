package judge

import (
	"reflect"
	"slices"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/services/kit/grant"
)

// maxPayloadBytes is what a decision's authorisation holds (bus/v1 CommitAuthorisation.arguments_json).
const maxPayloadBytes = 256 << 10

// editable are the fields of a payload that a reviewer may change; of media only the alt text.
var editable = []string{"text", "content_warning", "langs", "tags", "media"}

// Edit runs the content checks over a reviewer's edited payload, against the proposal in the case's result.
// It returns the violated checks only; none means that the edit may be approved. A person may decide over
// what is sensitive or uncertain, but not over what is banned, too long, undisclosed or meant for another
// account.
func Edit(c Case, editedArgumentsJSON []byte) []*busv1.Check {
	const rule = "an edit changes text, content warning, languages, tags and alt texts only"
	refuse := func(threshold, value, message string) []*busv1.Check {
		return []*busv1.Check{check("edit", rule, threshold, value, message, false, false)}
	}
	proposed := gather(c)
	if proposed.payload == nil {
		return refuse("a proposal", "none", "there is no proposal that could be edited")
	}
	if len(editedArgumentsJSON) > maxPayloadBytes {
		return refuse("at most 256 KiB", "more", "the edited payload is too large")
	}
	edited := &facts{Case: c, mode: proposed.mode, kind: proposed.kind, tool: proposed.tool, rules: proposed.rules, rulesKnown: proposed.rulesKnown}
	if _, err := grant.Canonical(editedArgumentsJSON); err != nil {
		return refuse("one JSON object", err.Error(), "the edited payload cannot be read")
	}
	edited.setPayload(editedArgumentsJSON)
	if edited.payload == nil || (edited.content == nil) != (proposed.content == nil) {
		return refuse("the payload's form", "another form", "the edited payload is not of the proposal's form")
	}
	if key := changed(proposed.payload, edited.payload); key != "" {
		return refuse("unchanged", key, "the field "+key+" must stay as proposed")
	}
	var violated []*busv1.Check
	for _, run := range []func(*facts) []finding{payloadBinding, disclosure, kept, limits, bannedTerms} {
		for _, x := range run(edited) {
			if !x.GetPassed() && !x.GetEscalates() {
				violated = append(violated, x.Check)
			}
		}
	}
	return violated
}

// kept holds on to a disclosure that the proposal had, whatever the task's arguments say by now.
func kept(f *facts) []finding {
	proposed := gather(f.Case).content
	if proposed == nil || !f.rulesKnown {
		return nil
	}
	d := f.rules.Disclosure
	if d.Present(proposed.Text, proposed.SelfLabels) && !d.Present(f.content.Text, f.content.SelfLabels) {
		return []finding{rejected(busv1.Disposition_DISPOSITION_FAIL, "disclosure", "an edit may not remove the AI disclosure", d.TextSuffix, "absent", "put the AI disclosure back into the text")}
	}
	return nil
}

// changed names the first field that differs and must not, in a fixed order; empty when there is none.
func changed(proposed, edited map[string]any) string {
	var keys []string
	for key := range proposed {
		keys = append(keys, key)
	}
	for key := range edited {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		before, had := proposed[key]
		after, has := edited[key]
		switch {
		case key == "media":
			before, after = withoutAlt(before), withoutAlt(after)
		case slices.Contains(editable, key):
			continue
		}
		if had != has || !reflect.DeepEqual(before, after) {
			return key
		}
	}
	return ""
}

// withoutAlt leaves of every image what an edit may not touch.
func withoutAlt(media any) any {
	list, ok := media.([]any)
	if !ok {
		return media
	}
	rest := make([]any, len(list))
	for i, item := range list {
		image, ok := item.(map[string]any)
		if !ok {
			rest[i] = item
			continue
		}
		kept := make(map[string]any, len(image))
		for key, value := range image {
			if key != "alt" {
				kept[key] = value
			}
		}
		rest[i] = kept
	}
	return rest
}
