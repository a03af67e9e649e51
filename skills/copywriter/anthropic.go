package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
)

type anthropicModel struct {
	messages  anthropic.MessageService
	name      string
	maxTokens int64
}

// newAnthropic makes the service, not the client, for the reasons of newOpenAI.
func newAnthropic(cfg config, client *http.Client) anthropicModel {
	return anthropicModel{
		messages: anthropic.NewMessageService(option.WithBaseURL(cfg.AnthropicBaseURL), option.WithHTTPClient(client), option.WithMaxRetries(0), option.WithAPIKey(cfg.AnthropicKey.Reveal())),
		name:     cfg.AnthropicModel, maxTokens: cfg.MaxTokens,
	}
}

func (a anthropicModel) method() string { return "anthropic-messages/v1" }

func (a anthropicModel) complete(ctx context.Context, p prompt) (completion, error) {
	messages := []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(p.user))}
	if p.rejected != "" {
		messages = append(messages, anthropic.NewAssistantMessage(anthropic.NewTextBlock(p.rejected)), anthropic.NewUserMessage(anthropic.NewTextBlock(p.complaint)))
	}
	res, err := a.messages.New(ctx, anthropic.MessageNewParams{
		Model: a.name, MaxTokens: a.maxTokens, Messages: messages, System: []anthropic.TextBlockParam{{Text: p.system}},
	})
	var refused *anthropic.Error
	switch {
	case errors.As(err, &refused):
		return completion{}, answered(refused.StatusCode, refused.Response, err)
	case err != nil:
		return completion{}, away(err)
	}
	out := completion{model: res.Model, inputTokens: res.Usage.InputTokens, outputTokens: res.Usage.OutputTokens}
	for _, block := range res.Content {
		if block.Type == "text" {
			out.text += block.Text
		}
	}
	return out, nil
}
