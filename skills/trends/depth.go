package main

import (
	"bytes"
	"encoding/xml"
	"slices"

	"golang.org/x/net/html/charset"
)

// maxDepth is many times what feeds nest. The feed parser recurses per element, and a stack that overflows ends
// the process: no recover catches it.
const maxDepth = 100

// tooDeep reads the tags with the lexer the parser itself uses, set as it sets it: one of our own would see other
// tags than the parser does, and a hostile document would live in the difference.
func tooDeep(doc []byte) bool {
	lexer := xml.NewDecoder(bytes.NewReader(doc))
	lexer.Strict = false
	lexer.CharsetReader = charset.NewReaderLabel
	depth := 0
	for {
		token, err := lexer.Token()
		if err != nil {
			return false // the parser stops at the same place
		}
		switch token.(type) {
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return true
			}
		case xml.EndElement:
			depth--
		}
	}
}

// withoutControls drops the bytes that the parser drops too, so that both read the same document.
func withoutControls(doc []byte) []byte {
	return slices.DeleteFunc(doc, func(b byte) bool { return b < 0x20 && b != '\t' && b != '\n' && b != '\r' })
}
