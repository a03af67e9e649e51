package judge

import (
	"encoding/json"

	busv1 "chimera/gen/go/chimera/bus/v1"
	"chimera/services/kit/grant"
	"chimera/services/kit/platforms"
	"chimera/services/orchestrator/internal/planner/jsonpath"
)

// facts is a case with its JSON read once.
type facts struct {
	Case
	mode busv1.TaskMode
	kind busv1.TaskKind
	tool string

	output    any
	outputErr error
	// payload is a proposal's, nil for anything else or when it is missing or unusable.
	payload       map[string]any
	payloadJSON   []byte
	payloadSHA256 string
	// content is what people would read; nil where the output is none.
	content *content

	rules      platforms.Rules
	rulesKnown bool
}

// content is a post, as a draft or as a proposal's payload. Its fields are those of publisher.publish.
type content struct {
	Text           string   `json:"text"`
	ContentWarning string   `json:"content_warning"`
	Langs          []string `json:"langs"`
	Tags           []string `json:"tags"`
	SelfLabels     []string `json:"self_labels"`
	Media          []struct {
		MIME string `json:"mime"`
		Alt  string `json:"alt"`
	} `json:"media"`
	Disclosure struct {
		AIGenerated bool `json:"ai_generated"`
	} `json:"disclosure"`
}

func gather(c Case) *facts {
	spec := c.Task.GetSpec()
	f := &facts{Case: c, mode: spec.GetMode(), kind: spec.GetKind(), tool: spec.GetTool()}
	f.rules, f.rulesKnown = platforms.Get(c.Platform)
	if f.output, f.outputErr = jsonpath.Decode(c.Result.GetOutputJson()); f.outputErr != nil {
		return f
	}
	switch {
	case f.proposes():
		if raw, ok := payloadOf(f.output); ok {
			f.setPayload(raw)
		}
	case f.kind == busv1.TaskKind_TASK_KIND_DRAFT:
		f.content = contentOf(c.Result.GetOutputJson())
	}
	return f
}

func (f *facts) proposes() bool { return f.mode == busv1.TaskMode_TASK_MODE_PROPOSE }

func (f *facts) executes() bool { return f.mode == busv1.TaskMode_TASK_MODE_EXECUTE }

func payloadOf(output any) ([]byte, bool) {
	payload, ok := jsonpath.Get(output, "payload")
	if !ok {
		return nil, false
	}
	raw, err := json.Marshal(payload)
	return raw, err == nil
}

// setPayload leaves all empty when the payload is no object that a grant could bind.
func (f *facts) setPayload(raw []byte) {
	canonical, err := grant.Canonical(raw)
	if err != nil {
		return
	}
	value, err := jsonpath.Decode(canonical)
	if err != nil {
		return
	}
	object, ok := value.(map[string]any)
	if !ok || ambiguousKeys(object) {
		return
	}
	f.payload, f.payloadJSON, f.payloadSHA256 = object, canonical, grant.Hex(canonical)
	f.content = contentOf(canonical)
}

// contentOf is nil for an output that is no post, such as the payload of a deletion.
func contentOf(raw []byte) *content {
	var have struct {
		Text *string `json:"text"`
	}
	c := &content{}
	if json.Unmarshal(raw, &have) != nil || have.Text == nil || json.Unmarshal(raw, c) != nil {
		return nil
	}
	return c
}

func (c *content) forPlatform() platforms.Content {
	p := platforms.Content{Text: c.Text, ContentWarning: c.ContentWarning, Langs: c.Langs, Tags: c.Tags}
	for _, m := range c.Media {
		p.Media = append(p.Media, platforms.Media{MIME: m.MIME, Alt: m.Alt})
	}
	return p
}
