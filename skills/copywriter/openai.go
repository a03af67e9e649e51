package main

import (
	"context"
	"net/http"
	"strings"
)

// openAIHost is the one place that wants max_completion_tokens: its newer models refuse max_tokens, which is all
// that many compatible servers know.
const openAIHost = "https://api.openai.com/"

// openAI speaks Chat Completions, the part that every compatible server has.
type openAI struct {
	client    *http.Client
	to        string
	header    http.Header
	name      string
	maxTokens int64
}

// newOpenAI fails with Invalid when the base URL is none.
func newOpenAI(cfg config, client *http.Client) (openAI, error) {
	base := cfg.OpenAIBaseURL
	if base == "" {
		base = openAIHost + "v1"
	}
	to, err := endpoint("CHIMERA_OPENAI_BASE_URL", base, "chat", "completions")
	o := openAI{client: client, to: to, header: http.Header{}, name: cfg.OpenAIModel, maxTokens: cfg.MaxTokens}
	if !cfg.OpenAIKey.Empty() {
		o.header.Set("Authorization", "Bearer "+cfg.OpenAIKey.Reveal())
	}
	return o, err
}

func (o openAI) method() string { return "openai-chat/v1" }

// openAIRequest is the part of Chat Completions that is used; of the two bounds one is set.
type openAIRequest struct {
	Model               string            `json:"model"`
	Messages            []said            `json:"messages"`
	MaxTokens           int64             `json:"max_tokens,omitempty"`
	MaxCompletionTokens int64             `json:"max_completion_tokens,omitempty"`
	ResponseFormat      map[string]string `json:"response_format"`
}

// said is one turn of a conversation, in both vendors' form.
type said struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// turns are what follows the system's words: the task, and after a broken rule the answer and the complaint.
func (p prompt) turns() []said {
	out := []said{{"user", p.user}}
	if p.rejected != "" {
		out = append(out, said{"assistant", p.rejected}, said{"user", p.complaint})
	}
	return out
}

func (o openAI) request(p prompt) openAIRequest {
	r := openAIRequest{Model: o.name, Messages: append([]said{{"system", p.system}}, p.turns()...), ResponseFormat: map[string]string{"type": "json_object"}}
	if strings.HasPrefix(o.to, openAIHost) {
		r.MaxCompletionTokens = o.maxTokens
	} else {
		r.MaxTokens = o.maxTokens
	}
	return r
}

func (o openAI) complete(ctx context.Context, p prompt) (completion, error) {
	var res struct {
		Model   string `json:"model"`
		Choices []struct {
			Message struct {
				Content string `json:"content"`
			} `json:"message"`
		} `json:"choices"`
		Usage struct {
			PromptTokens     int64 `json:"prompt_tokens"`
			CompletionTokens int64 `json:"completion_tokens"`
		} `json:"usage"`
	}
	if err := post(ctx, o.client, o.to, o.header, o.request(p), &res); err != nil {
		return completion{}, err
	}
	out := completion{model: res.Model, inputTokens: max(0, res.Usage.PromptTokens), outputTokens: max(0, res.Usage.CompletionTokens)}
	if len(res.Choices) > 0 {
		out.text = res.Choices[0].Message.Content
	}
	return out, nil
}
