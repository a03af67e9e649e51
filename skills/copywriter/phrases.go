package main

import (
	"slices"
	"strings"
	"unicode"
)

// phrases are the sentences of one tone. {trend} is a headline that comes with its quotation marks, {subject} and
// {audience} are the persona's own words. They claim nothing: no facts, no promises, no feelings of a person.
type phrases struct {
	withTrend, withoutTrend, middle, ask, close []string
}

const (
	toneNeutral = "neutral"
	toneWarm    = "warm"
	tonePlayful = "playful"
	toneFormal  = "formal"
)

var tones = map[string]phrases{
	toneNeutral: {
		withTrend:    []string{"In the news: {trend}.", "Worth reading today: {trend}.", "One to note: {trend}.", "Seen today: {trend}."},
		withoutTrend: []string{"Today's subject: {subject}.", "A short note on {subject}.", "Back to the subject: {subject}."},
		middle:       []string{"It bears on {subject}.", "Filed under: {subject}.", "More on {subject} to come.", "For {audience}."},
		ask:          []string{"What do you make of it?", "How do you see it?", "What would you add?"},
		close:        []string{"More soon.", "Read on and judge for yourself.", "Noted."},
	},
	toneWarm: {
		withTrend:    []string{"Sharing this one with you: {trend}.", "A read for a quiet moment: {trend}.", "This may be for you: {trend}."},
		withoutTrend: []string{"Let's talk about {subject}.", "A moment for {subject}.", "Today is a good day for {subject}."},
		middle:       []string{"It brings us back to {subject}.", "All part of {subject}.", "With {audience} in mind."},
		ask:          []string{"What is your view?", "How is it where you are?", "Tell us: what would you add?"},
		close:        []string{"Take good care.", "Thank you for reading.", "See you here again soon."},
	},
	tonePlayful: {
		withTrend:    []string{"Plot twist of the day: {trend}.", "Stop scrolling for this one: {trend}.", "Today's rabbit hole: {trend}."},
		withoutTrend: []string{"Guess what it is about today: {subject}.", "You knew it was coming: {subject}.", "Once more with feeling: {subject}."},
		middle:       []string{"Yes, it is {subject} again.", "Every road leads to {subject}.", "Calling {audience}."},
		ask:          []string{"Hot takes?", "Who saw that coming?", "Your turn: what do you say?"},
		close:        []string{"You read it here.", "Carry on.", "That is all for now."},
	},
	toneFormal: {
		withTrend:    []string{"For your attention: {trend}.", "A recent report: {trend}.", "Of note: {trend}."},
		withoutTrend: []string{"A note concerning {subject}.", "On the matter of {subject}.", "Regarding {subject}."},
		middle:       []string{"It is relevant to {subject}.", "It relates to {subject}.", "Addressed to {audience}."},
		ask:          []string{"What is your assessment?", "Which aspects deserve further discussion?"},
		close:        []string{"Further notes will follow.", "Comments are welcome."},
	},
}

// lastLines say nothing that could be too long or banned together: what is left when nothing else fits.
var lastLines = []string{"Worth a look.", "Noted today.", "One to read.", "Have a look.", "News."}

// toneOf reads a tone out of a persona's voice or a remark.
func toneOf(voice string) string {
	said := strings.FieldsFunc(strings.ToLower(voice), func(r rune) bool { return !unicode.IsLetter(r) })
	for _, t := range toneSigns {
		for _, w := range said {
			if slices.Contains(t.signs, w) {
				return t.tone
			}
		}
	}
	return toneNeutral
}

// In this order: a voice that is "formal but friendly" is formal.
var toneSigns = []struct {
	tone  string
	signs []string
}{
	{toneFormal, []string{"formal", "serious", "professional", "factual", "sober", "authoritative", "academic", "precise"}},
	{tonePlayful, []string{"playful", "funny", "funnier", "fun", "witty", "cheeky", "humorous", "ironic", "irreverent"}},
	{toneWarm, []string{"warm", "warmer", "friendly", "friendlier", "kind", "caring", "gentle", "casual", "welcoming", "encouraging"}},
}
