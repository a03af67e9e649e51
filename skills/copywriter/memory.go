package main

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// signals are the only thing templates can take from memories: their words are not for publishing.
type signals struct {
	Question bool `json:"question"`
	Short    bool `json:"short"`
}

// recall reads what worked from the memory nearest to the goal.
func recall(in draftIn, c constraints) signals {
	about := stems(in.Goal + " " + strings.Join(in.Persona.Topics, " "))
	best, score := "", -1
	for _, m := range in.Memories {
		if s := overlap(stems(m.Text), about); s > score {
			best, score = strings.ToLower(m.Text), s
		}
	}
	q := strings.Contains(best, "question") && !strings.Contains(best, "no question")
	s := strings.Contains(best, "short") && !c.wishes.longer
	return signals{q, s}
}

// sentence makes a phrase one: a capital first, a full stop last.
func sentence(phrase string) string {
	first, size := utf8.DecodeRuneInString(phrase)
	phrase = string(unicode.ToUpper(first)) + phrase[size:]
	if strings.ContainsRune(".!?…", rune(phrase[len(phrase)-1])) {
		return phrase
	}
	return phrase + "."
}

func join(sep string, texts ...string) string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return strings.Join(out, sep)
}
