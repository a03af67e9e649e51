// The copywriter skill drafts posts in a persona's voice: from templates without any key, or by a model behind an
// OpenAI-compatible or the Anthropic API. It publishes nothing; every draft goes to a Judge and a person.
package main

import "chimera/skills/internal/skillkit"

func main() { skillkit.Main("copywriter", "0.1.0", register) }
