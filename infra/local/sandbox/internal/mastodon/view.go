package mastodon

import (
	"html"
	"net/http"
	"strings"

	"chimera/infra/local/sandbox/internal/account"
	"chimera/infra/local/sandbox/internal/ledger"
	"chimera/infra/local/sandbox/internal/richtext"
)

func (a *API) statusView(r *http.Request, p ledger.Post) map[string]any {
	base := a.BaseURL(r)
	attachments := make([]any, 0, len(p.Media))
	for _, image := range p.Media {
		if m, ok := a.Ledger.Media(image.MediaID); ok {
			m.Alt = image.Alt
			attachments = append(attachments, a.mediaView(r, m))
		}
	}
	tags := make([]map[string]string, 0)
	for _, s := range richtext.Plain(p.Text) {
		if s.Tag != "" {
			tags = append(tags, map[string]string{"name": strings.ToLower(s.Tag), "url": base + "/tags/" + s.Tag})
		}
	}
	author := account.Account{ID: p.Account, Handle: p.Handle, DisplayName: p.Author, Bot: p.Bot}
	return map[string]any{
		"id": p.NativeID, "created_at": timestamp(p.CreatedAt), "edited_at": nil,
		"uri": base + "/users/" + p.Handle + "/statuses/" + p.NativeID, "url": base + "/@" + p.Handle + "/" + p.NativeID,
		"content": contentHTML(p.Text, base), "spoiler_text": p.Spoiler, "sensitive": p.Sensitive,
		"visibility": p.Visibility, "language": p.Langs[0],
		"favourites_count": p.Counts.Likes, "reblogs_count": p.Counts.Reposts, "replies_count": p.Counts.Replies,
		"quotes_count": p.Counts.Quotes, "account": a.accountView(r, author), "media_attachments": attachments,
		"tags": tags, "mentions": []any{}, "emojis": []any{},
		"in_reply_to_id": nil, "in_reply_to_account_id": nil, "reblog": nil, "card": nil, "poll": nil,
	}
}

func (a *API) accountView(r *http.Request, of account.Account) map[string]any {
	return map[string]any{
		"id": of.ID, "username": of.Handle, "acct": of.Handle, "display_name": of.DisplayName,
		"bot": of.Bot, "locked": false, "note": "", "url": a.BaseURL(r) + "/@" + of.Handle, "fields": []any{}, "emojis": []any{},
	}
}

// contentHTML writes a post as Mastodon does: paragraphs, breaks, links shortened by invisible spans.
func contentHTML(text, base string) string {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if text == "" {
		return ""
	}
	var out strings.Builder
	for _, paragraph := range strings.Split(text, "\n\n") {
		out.WriteString("<p>")
		for _, s := range richtext.Plain(strings.Trim(paragraph, "\n")) {
			out.WriteString(segmentHTML(s, base))
		}
		out.WriteString("</p>")
	}
	return out.String()
}

const shownOfLink = 30 // characters

func segmentHTML(s richtext.Segment, base string) string {
	switch {
	case s.Tag != "":
		return `<a href="` + html.EscapeString(base+"/tags/"+s.Tag) + `" class="mention hashtag" rel="tag">#<span>` +
			html.EscapeString(s.Tag) + `</span></a>`
	case s.Href != "":
		scheme, rest, _ := strings.Cut(s.Text, "://")
		runes, class, hidden := []rune(rest), "", ""
		if len(runes) > shownOfLink {
			rest, hidden, class = string(runes[:shownOfLink]), string(runes[shownOfLink:]), "ellipsis"
		}
		return `<a href="` + html.EscapeString(s.Href) + `" target="_blank" rel="nofollow noopener" translate="no">` +
			`<span class="invisible">` + scheme + `://</span><span class="` + class + `">` + html.EscapeString(rest) +
			`</span><span class="invisible">` + html.EscapeString(hidden) + `</span></a>`
	}
	return strings.ReplaceAll(html.EscapeString(s.Text), "\n", "<br>")
}
