// Package oidc holds the local OIDC provider: its pinned packages and scripts, and the shape of the two
// files that tell it who may log in and which programs may ask.
package oidc

import "embed"

// Files are package.json, package-lock.json and the server's scripts.
//
//go:embed package.json package-lock.json *.mjs
var Files embed.FS

// Audience is the "aud" of every access token the provider issues.
const Audience = "chimera"
