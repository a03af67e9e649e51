package api

import "chimera/services/internal/tenancy"

// SealPageToken makes a genuine token, as a list of that tenant would.
func SealPageToken(key []byte, method string, tenant tenancy.ID, cursor string) (string, error) {
	return pager{key: key}.seal(method, tenant, cursor)
}

// Endless tells whether a call goes on until its deadline.
func Endless(procedure string) bool {
	return streams[procedure] > maxStream
}
