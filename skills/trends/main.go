// The trends skill reads what is talked about: RSS and Atom feeds and Hacker News. It holds no credentials and
// changes nothing; all it returns is text from outside, cleaned and labelled tainted.
package main

import "chimera/skills/internal/skillkit"

func main() { skillkit.Main("trends", "0.1.0", register) }
