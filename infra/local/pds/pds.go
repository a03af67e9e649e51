// Package pds holds the pinned AT Protocol server and the script that starts it.
package pds

import "embed"

// Files are package.json, package-lock.json and the start scripts.
//
//go:embed package.json package-lock.json *.mjs
var Files embed.FS
