package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"
)

// openAI speaks Chat Completions, the part that every compatible server has.
type openAI struct {
	chat      openai.ChatCompletionService
	name      string
	maxTokens int64
}

// newOpenAI makes the service, not the client: the client would also read OPENAI_… of the environment. The SDK's
// own retries are off, because the worker retries by the error's kind and the pause asked for.
func newOpenAI(cfg config, client *http.Client) openAI {
	base := cfg.OpenAIBaseURL
	if base == "" {
		base = "https://api.openai.com/v1/"
	}
	opts := []option.RequestOption{option.WithBaseURL(base), option.WithHTTPClient(client), option.WithMaxRetries(0)}
	if !cfg.OpenAIKey.Empty() {
		opts = append(opts, option.WithAPIKey(cfg.OpenAIKey.Reveal()))
	}
	return openAI{chat: openai.NewChatCompletionService(opts...), name: cfg.OpenAIModel, maxTokens: cfg.MaxTokens}
}

func (o openAI) method() string { return "openai-chat/v1" }

func (o openAI) complete(ctx context.Context, p prompt) (completion, error) {
	messages := []openai.ChatCompletionMessageParamUnion{openai.SystemMessage(p.system), openai.UserMessage(p.user)}
	if p.rejected != "" {
		messages = append(messages, openai.AssistantMessage(p.rejected), openai.UserMessage(p.complaint))
	}
	var raw *http.Response
	res, err := o.chat.New(ctx, openai.ChatCompletionNewParams{
		Model: o.name, Messages: messages, MaxTokens: openai.Int(o.maxTokens),
		ResponseFormat: openai.ChatCompletionNewParamsResponseFormatUnion{OfJSONObject: &shared.ResponseFormatJSONObjectParam{}},
	}, option.WithResponseInto(&raw))
	var refused *openai.Error
	switch {
	case errors.As(err, &refused):
		return completion{}, answered(refused.StatusCode, refused.Response, err)
	case err != nil:
		return completion{}, away(err)
	}
	out := completion{model: res.Model, inputTokens: res.Usage.PromptTokens, outputTokens: res.Usage.CompletionTokens}
	if len(res.Choices) > 0 {
		out.text = res.Choices[0].Message.Content
	}
	return out, nil
}
