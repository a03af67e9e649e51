// Package platforms holds what each social platform allows and demands, as data: length, media, rate and
// AI-disclosure rules (R10.6). The publisher validates by it before the Judge does by the same, so a
// reviewer never sees a post that the platform would refuse.
package platforms

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"time"
)

//go:embed rules/*.yaml
var files embed.FS

// Built once from embedded files: a mistake in them is a defect of the build and stops the process at once.
var known = must(load(files, "rules"))

// Rules are one platform's. A limit of 0 is none.
type Rules struct {
	Name  string `yaml:"name"`
	Title string `yaml:"title"`
	// MaxGraphemes, MaxBytes (UTF-8) and MaxChars limit one post's text. MaxChars is counted the platform's
	// own way, see Count.
	MaxGraphemes int `yaml:"max_graphemes"`
	MaxBytes     int `yaml:"max_bytes"`
	MaxChars     int `yaml:"max_chars"`
	// LinkChars is what every link counts as, whatever its length; 0 counts it as written.
	LinkChars            int  `yaml:"link_chars"`
	MentionLocalPartOnly bool `yaml:"mention_local_part_only"`
	CountContentWarning  bool `yaml:"count_content_warning"`

	MaxImages       int  `yaml:"max_images"`
	MaxImageBytes   int  `yaml:"max_image_bytes"`
	MaxAltChars     int  `yaml:"max_alt_chars"`
	AltRequired     bool `yaml:"alt_required"`
	MaxTags         int  `yaml:"max_tags"`
	MaxTagGraphemes int  `yaml:"max_tag_graphemes"`
	MaxLangs        int  `yaml:"max_langs"`

	// PostsPerDay is the most one account may publish in 24 h; a policy may only lower it.
	PostsPerDay int        `yaml:"posts_per_day"`
	Disclosure  Disclosure `yaml:"disclosure"`
	// ReadLag is how long after a write a read may still miss it.
	ReadLag time.Duration `yaml:"read_lag"`
	// KeyLifetime is how long a repeated call under the same key cannot post twice.
	KeyLifetime time.Duration `yaml:"key_lifetime"`
}

// Get returns the rules of a platform by the name accounts carry ("bluesky").
func Get(name string) (Rules, bool) {
	r, ok := known[name]
	return r, ok
}

// Names lists the known platforms, sorted.
func Names() []string { return slices.Sorted(maps.Keys(known)) }

func load(fsys fs.FS, dir string) (map[string]Rules, error) {
	paths, err := fs.Glob(fsys, dir+"/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("platform rules: %w", err)
	}
	all := make(map[string]Rules, len(paths))
	for _, path := range paths {
		raw, err := fs.ReadFile(fsys, path)
		if err != nil {
			return nil, fmt.Errorf("platform rules: %w", err)
		}
		r, err := parse(raw)
		if err != nil {
			return nil, fmt.Errorf("platform rules %s: %w", path, err)
		}
		if _, twice := all[r.Name]; twice {
			return nil, fmt.Errorf("platform rules %s: %q is already defined", path, r.Name)
		}
		all[r.Name] = r
	}
	return all, nil
}

func must(all map[string]Rules, err error) map[string]Rules {
	if err != nil {
		panic(err)
	}
	return all
}
