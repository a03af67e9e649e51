package judge

import (
	"slices"
	"strings"

	"chimera/services/kit/terms"
)

// bannedTerms refuses what the policy or the persona never says.
func bannedTerms(f *facts) []finding {
	said := f.words()
	if said == nil {
		return nil
	}
	for _, list := range []struct {
		rule  string
		terms []string
	}{
		{"the policy's banned terms are never published", f.Policy.GetBannedTerms()},
		{"the persona never says this", f.Never},
	} {
		if hit := terms.Find(said, list.terms); hit != "" {
			return []finding{rejected(reviseOrFail(f), "banned_terms", list.rule, "none of the terms", hit, "the text holds the banned term “"+hit+"”; leave it out")}
		}
	}
	return []finding{passed("banned_terms", "banned terms are never published", "none of the terms", "none", "no banned term was found")}
}

// sensitiveTerms sends high-risk subjects to a person, marked as such (R10.2).
func sensitiveTerms(f *facts) []finding {
	said := f.words()
	if said == nil {
		return nil
	}
	const rule = "the policy's sensitive terms need a person"
	hit := terms.Find(said, f.Policy.GetSensitiveTerms())
	if hit == "" {
		return []finding{passed("sensitive_terms", rule, "none of the terms", "none", "no sensitive term was found")}
	}
	x := escalated("sensitive_terms", rule, "none of the terms", hit, "the text touches a sensitive subject")
	x.highRisk = true
	return f.doubt(x)
}

// words is every text that a proposal holds, or a draft's that becomes the post; nil when there is none.
func (f *facts) words() []string {
	var words []string
	switch {
	case f.payload != nil:
		words = texts(nil, f.payload)
	case f.content != nil:
		words = append([]string{f.content.Text, f.content.ContentWarning}, f.content.Tags...)
	}
	if notice := strings.TrimSpace(f.rules.Disclosure.TextSuffix); notice != "" {
		for i := range words {
			// The disclosure is demanded; a term must not be able to forbid it (R10.7).
			words[i] = strings.Replace(words[i], notice, "", 1)
		}
	}
	return words
}

// machinery are fields that readers never see: a policy that bans "mastodon" bans the word, not the place.
var machinery = []string{"account_id", "platform", "visibility", "self_labels", "disclosure", "langs", "url", "uri", "remote_id", "sha256", "mime"}

func texts(found []string, value any) []string {
	switch v := value.(type) {
	case string:
		found = append(found, v)
	case []any:
		for _, item := range v {
			found = texts(found, item)
		}
	case map[string]any:
		for key, item := range v {
			if !slices.Contains(machinery, key) {
				found = texts(found, item)
			}
		}
	}
	return found
}
