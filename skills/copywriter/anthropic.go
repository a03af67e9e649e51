package main

import (
	"context"
	"net/http"
)

// anthropicVersion is the wire version of the Messages API that is spoken here.
const anthropicVersion = "2023-06-01"

type anthropicModel struct {
	client    *http.Client
	to        string
	header    http.Header
	name      string
	maxTokens int64
}

// newAnthropic fails with Invalid when the base URL is none.
func newAnthropic(cfg config, client *http.Client) (anthropicModel, error) {
	to, err := endpoint("CHIMERA_ANTHROPIC_BASE_URL", cfg.AnthropicBaseURL, "v1", "messages")
	header := http.Header{}
	header.Set("X-Api-Key", cfg.AnthropicKey.Reveal())
	header.Set("Anthropic-Version", anthropicVersion)
	return anthropicModel{client: client, to: to, header: header, name: cfg.AnthropicModel, maxTokens: cfg.MaxTokens}, err
}

func (a anthropicModel) method() string { return "anthropic-messages/v1" }

type anthropicRequest struct {
	Model     string `json:"model"`
	MaxTokens int64  `json:"max_tokens"`
	System    string `json:"system"`
	Messages  []said `json:"messages"`
}

func (a anthropicModel) complete(ctx context.Context, p prompt) (completion, error) {
	var res struct {
		Model   string `json:"model"`
		Content []struct {
			Type string `json:"type"`
			Text string `json:"text"`
		} `json:"content"`
		Usage struct {
			InputTokens  int64 `json:"input_tokens"`
			OutputTokens int64 `json:"output_tokens"`
		} `json:"usage"`
	}
	request := anthropicRequest{Model: a.name, MaxTokens: a.maxTokens, System: p.system, Messages: p.turns()}
	if err := post(ctx, a.client, a.to, a.header, request, &res); err != nil {
		return completion{}, err
	}
	out := completion{model: res.Model, inputTokens: max(0, res.Usage.InputTokens), outputTokens: max(0, res.Usage.OutputTokens)}
	for _, block := range res.Content {
		if block.Type == "text" {
			out.text += block.Text
		}
	}
	return out, nil
}
