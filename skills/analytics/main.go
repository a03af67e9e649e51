// Command analytics is the skill that counts what readers did with own posts.
package main

import "chimera/skills/internal/skillkit"

func main() { skillkit.Main("analytics", "0.1.0", register) }
