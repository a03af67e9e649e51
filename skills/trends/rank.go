package main

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	maxLink = 500
	// clockSkew is what an honest feed may be ahead. A date beyond it would hold the top for ever: it counts as none.
	clockSkew = 15 * time.Minute
	// Words of up to this many letters must match whole: "AI" is not in "aim".
	shortWord = 2
)

// publicLink resolves a link of a feed and drops what tracks readers. It is empty unless it is http(s) to a
// host, without userinfo, and short enough to post.
func publicLink(base *url.URL, link string) string {
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil || link == "" {
		return ""
	}
	u = base.ResolveReference(u)
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil {
		return ""
	}
	q := u.Query()
	for name := range q {
		if low := strings.ToLower(name); strings.HasPrefix(low, "utm_") || slices.Contains([]string{"fbclid", "gclid", "mc_cid", "mc_eid", "igshid", "at_medium", "at_campaign"}, low) {
			q.Del(name)
			u.RawQuery = q.Encode()
		}
	}
	out := u.String()
	if len(out) > maxLink || clean(out) != out || strings.ContainsRune(out, ' ') {
		return ""
	}
	return out
}

// canonical is equal for addresses that lead to the same page.
func canonical(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return link
	}
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	if p := u.Port(); p != "" && p != "80" && p != "443" {
		host += ":" + p
	}
	return host + strings.TrimSuffix(u.EscapedPath(), "/") + "?" + u.Query().Encode()
}

// sameTitle ignores case, punctuation and spacing.
func sameTitle(title string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, title)
}

// rank removes what was said before, by address or by title, and puts the newest first; undated items come last.
func rank(items []item, now time.Time) []item {
	items = slices.Clone(items)
	for i := range items {
		if items[i].published.After(now.Add(clockSkew)) {
			items[i].published = time.Time{}
		}
	}
	slices.SortStableFunc(items, func(a, b item) int {
		return cmp.Or(b.published.Compare(a.published), cmp.Compare(a.url, b.url))
	})
	seen := map[string]bool{}
	return slices.DeleteFunc(items, func(it item) bool {
		keys := []string{"t:" + sameTitle(it.title)}
		if it.url != "" {
			keys = append(keys, "u:"+canonical(it.url))
		}
		known := slices.ContainsFunc(keys, func(k string) bool { return seen[k] && k != "t:" })
		for _, k := range keys {
			seen[k] = true
		}
		return known
	})
}

// filter keeps items that hold a keyword in title or summary; no keywords keep all.
func filter(items []item, keywords []string) []item {
	var words []string
	for _, w := range keywords {
		if w = strings.ToLower(clean(w)); w != "" {
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		return items
	}
	var out []item
	for _, it := range items {
		text := strings.ToLower(it.title + " " + it.summary)
		if slices.ContainsFunc(words, func(w string) bool { return holds(text, w) }) {
			out = append(out, it)
		}
	}
	return out
}

// holds finds word at the start of a word of text, so "bee" finds "bees". Scripts written without spaces have no
// word starts to look at; there any occurrence counts.
func holds(text, word string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return false
		}
		begin, end := from+i, from+i+len(word)
		first, _ := utf8.DecodeRuneInString(word)
		before, _ := utf8.DecodeLastRuneInString(text[:begin])
		after, _ := utf8.DecodeRuneInString(text[end:])
		spaced := !unicode.In(first, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer)
		switch {
		case !spaced:
			return true
		case isWord(first) && begin > 0 && isWord(before):
		case utf8.RuneCountInString(word) <= shortWord && end < len(text) && isWord(after):
		default:
			return true
		}
		_, size := utf8.DecodeRuneInString(text[begin:])
		from = begin + size
	}
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
