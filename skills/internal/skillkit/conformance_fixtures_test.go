//nolint:staticcheck // the suite asks for sampling and roots, which the revision it tests deprecates
package skillkit

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	typev1 "chimera/gen/go/chimera/type/v1"
	"chimera/services/kit/errs"
)

// The names, texts and shapes below are those that the public suite asks for.

var (
	onePixel, _ = base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==")
	silence, _  = base64.StdEncoding.DecodeString("UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=")
)

func says(format string, args ...any) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: fmt.Sprintf(format, args...)}}}
}

func resource(uri string) *mcp.EmbeddedResource {
	return &mcp.EmbeddedResource{Resource: &mcp.ResourceContents{URI: uri, MIMEType: "text/plain", Text: "Embedded."}}
}

func addFixtures(s *Server) {
	constant := func(name string, content ...mcp.Content) {
		s.fixture(&mcp.Tool{Name: name, Description: "Answers always the same."}, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return &mcp.CallToolResult{Content: content}, nil
		})
	}
	image := &mcp.ImageContent{Data: onePixel, MIMEType: "image/png"}
	constant("test_simple_text", &mcp.TextContent{Text: "This is a simple text response for testing."})
	constant("test_image_content", image)
	constant("test_audio_content", &mcp.AudioContent{Data: silence, MIMEType: "audio/wav"})
	constant("test_embedded_resource", resource("test://embedded-resource"))
	constant("test_multiple_content_types", &mcp.TextContent{Text: "Several kinds."}, image, resource("test://embedded-in-multiple"))
	constant("test_streaming_elicitation", &mcp.TextContent{Text: "No requests in this stream."})
	s.fixture(&mcp.Tool{Name: "test_error_handling", Description: "Fails."}, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		// A typed error: the text of any other stays in the log.
		return nil, errs.New(errs.Internal, typev1.Reason_REASON_TOOL_FAILED, "this tool intentionally returns an error for testing")
	})
	s.fixture(&mcp.Tool{Name: "test_tool_with_progress", Description: "Reports progress."}, progress)
	s.fixture(&mcp.Tool{Name: "test_logging_tool", Description: "Logs."}, func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		// The suite still checks that what nobody asked for is not sent.
		return says("tried to log"), req.Session.Log(ctx, &mcp.LoggingMessageParams{Level: "info", Data: "executed"})
	})
	s.fixture(&mcp.Tool{Name: "test_missing_capability", Description: "Needs sampling."}, needsSampling)
	s.fixture(&mcp.Tool{Name: "test_trigger_tool_change", Description: "Changes the tools."}, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		s.mcp.AddTool(&mcp.Tool{Name: "passing_tool", Description: "Comes with a change.", InputSchema: json.RawMessage(`{"type":"object"}`)}, s.handle)
		return says("changed"), nil
	})
	s.fixture(&mcp.Tool{Name: "test_trigger_prompt_change", Description: "Changes the prompts."}, func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		s.mcp.AddPrompt(&mcp.Prompt{Name: "passing_prompt", Description: "A fixture."}, func(context.Context, *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			return &mcp.GetPromptResult{}, nil
		})
		return says("changed"), nil
	})
	s.fixture(&mcp.Tool{Name: "test_x_mcp_header", Description: "Mirrors an argument in a header.", InputSchema: json.RawMessage(
		`{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"},"level":{"type":"integer"}}}`)},
		func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) { return says("ok"), nil })
	s.fixture(&mcp.Tool{Name: "json_schema_2020_12_tool", Description: "Has a rich schema.", InputSchema: json.RawMessage(richSchema)},
		func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) { return says("ok"), nil })
	addInputFixtures(s)
	addOtherFixtures(s)
}

const richSchema = `{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",
"$defs":{"address":{"$anchor":"addressDef","type":"object","properties":{"street":{"type":"string"},"city":{"type":"string"}}}},
"properties":{"name":{"type":"string"},"address":{"$ref":"#/$defs/address"},"contactMethod":{"type":"string","enum":["phone","email"]},"phone":{"type":"string"},"email":{"type":"string"}},
"allOf":[{"anyOf":[{"required":["phone"]},{"required":["email"]}]}],
"if":{"properties":{"contactMethod":{"const":"phone"}},"required":["contactMethod"]},"then":{"required":["phone"]},"else":{"required":["email"]},"additionalProperties":false}`

func progress(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	token := req.Params.GetProgressToken()
	for _, at := range []float64{0, 50, 100} {
		if err := req.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{ProgressToken: token, Progress: at, Total: 100}); err != nil {
			return nil, err
		}
		time.Sleep(20 * time.Millisecond)
	}
	return says("%v", token), nil
}

func needsSampling(_ context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	if caps := req.ClientCapabilities(); caps != nil && caps.Sampling != nil {
		return says("sampling is there"), nil
	}
	data, err := json.Marshal(mcp.MissingRequiredClientCapabilityData{RequiredCapabilities: &mcp.ClientCapabilities{Sampling: &mcp.SamplingCapabilities{}}})
	if err != nil {
		return nil, err
	}
	return nil, &jsonrpc.Error{Code: mcp.CodeMissingRequiredClientCapabilities, Message: "sampling is required", Data: data}
}

func object(property, kind string) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "object", Properties: map[string]*jsonschema.Schema{property: {Type: kind}}, Required: []string{property}}
}

func ask(question, property, kind string) *mcp.ElicitParams {
	return &mcp.ElicitParams{Message: question, RequestedSchema: object(property, kind)}
}

func sample(question string) *mcp.CreateMessageParams {
	return &mcp.CreateMessageParams{MaxTokens: 50, Messages: []*mcp.SamplingMessage{{Role: "user", Content: &mcp.TextContent{Text: question}}}}
}

func wants(state string, requests mcp.InputRequestMap) *mcp.CallToolResult {
	return &mcp.CallToolResult{InputRequests: requests, RequestState: state}
}

// given returns what the user accepted under key, nil if nothing.
func given(in mcp.InputResponseMap, key string) map[string]any {
	if e, ok := in[key].(*mcp.ElicitResult); ok && e.Action == "accept" {
		return e.Content
	}
	return nil
}

func sampled(in mcp.InputResponseMap, key string) (string, bool) {
	r, ok := in[key].(*mcp.CreateMessageWithToolsResult)
	if !ok || len(r.Content) == 0 {
		return "", false
	}
	text, ok := r.Content[0].(*mcp.TextContent)
	if !ok {
		return "", false
	}
	return text.Text, true
}

func addInputFixtures(s *Server) {
	add := func(name string, h func(p *mcp.CallToolParamsRaw, caps *mcp.ClientCapabilities) (*mcp.CallToolResult, error)) {
		s.fixture(&mcp.Tool{Name: "test_input_required_result_" + name, Description: "Asks for input."}, func(_ context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			return h(req.Params, req.ClientCapabilities())
		})
	}
	name := ask("What is your name?", "name", "string")
	add("elicitation", func(p *mcp.CallToolParamsRaw, _ *mcp.ClientCapabilities) (*mcp.CallToolResult, error) {
		if n, _ := given(p.InputResponses, "user_name")["name"].(string); n != "" {
			return says("Hello, %s!", n), nil
		}
		return wants("", mcp.InputRequestMap{"user_name": name}), nil
	})
	add("sampling", func(p *mcp.CallToolParamsRaw, _ *mcp.ClientCapabilities) (*mcp.CallToolResult, error) {
		if text, ok := sampled(p.InputResponses, "capital_question"); ok {
			return says("Sampling response: %s", text), nil
		}
		return wants("", mcp.InputRequestMap{"capital_question": sample("What is the capital of France?")}), nil
	})
	add("list_roots", func(p *mcp.CallToolParamsRaw, _ *mcp.ClientCapabilities) (*mcp.CallToolResult, error) {
		if r, ok := p.InputResponses["client_roots"].(*mcp.ListRootsResult); ok {
			return says("%d root(s), the first %v", len(r.Roots), r.Roots), nil
		}
		return wants("", mcp.InputRequestMap{"client_roots": &mcp.ListRootsParams{}}), nil
	})
	confirm := func(p *mcp.CallToolParamsRaw, _ *mcp.ClientCapabilities) (*mcp.CallToolResult, error) {
		// The suite tampers by appending to the state; ours is only ever this one word.
		if p.RequestState != "" && p.RequestState != "minted" {
			return nil, &jsonrpc.Error{Code: jsonrpc.CodeInvalidParams, Message: "invalid requestState"}
		}
		if p.RequestState != "" && given(p.InputResponses, "confirm") != nil {
			return says("state-ok"), nil
		}
		return wants("minted", mcp.InputRequestMap{"confirm": ask("Please confirm", "ok", "boolean")}), nil
	}
	add("request_state", confirm)
	add("tampered_state", confirm)
	add("multiple_inputs", func(p *mcp.CallToolParamsRaw, _ *mcp.ClientCapabilities) (*mcp.CallToolResult, error) {
		greeting, ok := sampled(p.InputResponses, "greeting")
		roots, rootsOK := p.InputResponses["client_roots"].(*mcp.ListRootsResult)
		if n, _ := given(p.InputResponses, "user_name")["name"].(string); n != "" && ok && rootsOK {
			return says("%s %s, %d root(s)", greeting, n, len(roots.Roots)), nil
		}
		return wants("many", mcp.InputRequestMap{"user_name": name, "greeting": sample("Greet"), "client_roots": &mcp.ListRootsParams{}}), nil
	})
	add("multi_round", func(p *mcp.CallToolParamsRaw, _ *mcp.ClientCapabilities) (*mcp.CallToolResult, error) {
		switch first, later := strings.CutPrefix(p.RequestState, "name="); {
		case p.RequestState == "":
			return wants("first", mcp.InputRequestMap{"step1": name}), nil
		case !later:
			return wants(fmt.Sprintf("name=%v", given(p.InputResponses, "step1")["name"]), mcp.InputRequestMap{"step2": ask("Which colour?", "color", "string")}), nil
		default:
			return says("%s likes %v", first, given(p.InputResponses, "step2")["color"]), nil
		}
	})
	add("capabilities", func(p *mcp.CallToolParamsRaw, caps *mcp.ClientCapabilities) (*mcp.CallToolResult, error) {
		requests := mcp.InputRequestMap{}
		if caps != nil && caps.Elicitation != nil {
			requests["user_name"] = name
		}
		if caps != nil && caps.Sampling != nil {
			requests["greeting"] = sample("Greet")
		}
		if len(p.InputResponses) > 0 || len(requests) == 0 {
			return says("nothing more to ask"), nil
		}
		return wants("", requests), nil
	})
}

func addOtherFixtures(s *Server) {
	read := func(fill func(c *mcp.ResourceContents)) mcp.ResourceHandler {
		return func(_ context.Context, req *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
			c := &mcp.ResourceContents{URI: req.Params.URI, MIMEType: "text/plain"}
			fill(c)
			return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{c}}, nil
		}
	}
	s.mcp.AddResource(&mcp.Resource{Name: "static-text", URI: "test://static-text", MIMEType: "text/plain"}, read(func(c *mcp.ResourceContents) { c.Text = "Static text." }))
	s.mcp.AddResource(&mcp.Resource{Name: "static-binary", URI: "test://static-binary", MIMEType: "image/png"}, read(func(c *mcp.ResourceContents) { c.MIMEType, c.Blob = "image/png", onePixel }))
	s.mcp.AddResourceTemplate(&mcp.ResourceTemplate{Name: "template", URITemplate: "test://template/{id}/data", MIMEType: "application/json"}, read(func(c *mcp.ResourceContents) {
		id := strings.TrimSuffix(strings.TrimPrefix(c.URI, "test://template/"), "/data")
		c.MIMEType, c.Text = "application/json", fmt.Sprintf(`{"id":%q,"templateTest":true,"data":%q}`, id, "Data for ID: "+id)
	}))
	prompt := func(p *mcp.Prompt, fill func(args map[string]string) []mcp.Content) {
		s.mcp.AddPrompt(p, func(_ context.Context, req *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			res := &mcp.GetPromptResult{}
			for _, c := range fill(req.Params.Arguments) {
				res.Messages = append(res.Messages, &mcp.PromptMessage{Role: "user", Content: c})
			}
			return res, nil
		})
	}
	prompt(&mcp.Prompt{Name: "test_simple_prompt", Description: "A fixture."}, func(map[string]string) []mcp.Content {
		return []mcp.Content{&mcp.TextContent{Text: "This is a simple prompt for testing."}}
	})
	prompt(&mcp.Prompt{Name: "test_prompt_with_arguments", Description: "A fixture.", Arguments: []*mcp.PromptArgument{{Name: "arg1", Required: true}, {Name: "arg2", Required: true}}}, func(a map[string]string) []mcp.Content {
		return []mcp.Content{&mcp.TextContent{Text: fmt.Sprintf("Prompt with arguments: arg1='%s', arg2='%s'", a["arg1"], a["arg2"])}}
	})
	prompt(&mcp.Prompt{Name: "test_prompt_with_embedded_resource", Description: "A fixture.", Arguments: []*mcp.PromptArgument{{Name: "resourceUri", Required: true}}}, func(a map[string]string) []mcp.Content {
		return []mcp.Content{resource(a["resourceUri"]), &mcp.TextContent{Text: "Please process it."}}
	})
	prompt(&mcp.Prompt{Name: "test_prompt_with_image", Description: "A fixture."}, func(map[string]string) []mcp.Content {
		return []mcp.Content{&mcp.ImageContent{Data: onePixel, MIMEType: "image/png"}, &mcp.TextContent{Text: "Please look at it."}}
	})
	s.mcp.AddPrompt(&mcp.Prompt{Name: "test_input_required_result_prompt", Description: "A fixture."}, func(_ context.Context, req *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		if c := given(req.Params.InputResponses, "user_context"); c != nil {
			return &mcp.GetPromptResult{Messages: []*mcp.PromptMessage{{Role: "user", Content: &mcp.TextContent{Text: fmt.Sprintf("Context: %v", c["context"])}}}}, nil
		}
		return &mcp.GetPromptResult{InputRequests: mcp.InputRequestMap{"user_context": ask("Which context?", "context", "string")}}, nil
	})
}
