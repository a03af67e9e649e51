// Command publisher is the skill that posts to social platforms: publish and delete as effects behind
// grants, read and lookup to see what came of them.
package main

import "chimera/skills/internal/skillkit"

func main() { skillkit.Main("publisher", "0.1.0", register) }
