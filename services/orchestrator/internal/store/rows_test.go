package store

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// TestIDsAndListsComeBackAsTheyWent: our own binary forms against Postgres' reading of them.
func TestIDsAndListsComeBackAsTheyWent(t *testing.T) {
	s, _ := opened(t)
	a, b := uuid.NewString(), uuid.NewString()
	type row struct {
		ID    string   `db:"id"`
		None  *string  `db:"none"`
		Some  *string  `db:"some"`
		IDs   []string `db:"ids"`
		Texts []string `db:"texts"`
		Seen  string   `db:"seen"`
		Empty int      `db:"empty"`
		Null  bool     `db:"is_null"`
	}
	texts := []string{"", "é", `"{,}\`, "NULL", strings.Repeat("x", 70_000)}
	rows, err := s.app.Query(t.Context(), `select $1::uuid as id, $2::uuid as none, $3::uuid as some, $4::uuid[] as ids, $5::text[] as texts,
		array_to_string($4::uuid[], ',') as seen, coalesce(array_length($6::uuid[], 1), 0) as empty, $7::text[] is null as is_null`,
		a, (*string)(nil), &b, []string{a, strings.ToUpper(b)}, texts, []string{}, []string(nil))
	require.NoError(t, err)
	got, err := structs[row](rows)
	require.NoError(t, err)
	require.Equal(t, []row{{ID: a, Some: &b, IDs: []string{a, b}, Texts: texts, Seen: a + "," + b, Null: true}}, got)

	pair := []*string{&a, nil}
	var n int
	require.NoError(t, s.app.QueryRow(t.Context(), "select count(i)::int from unnest($1::uuid[]) i", pair).Scan(&n))
	require.Equal(t, 1, n)
	for _, wrong := range []string{"", "x", a[:35], a[:35] + "g", a + "0", strings.ReplaceAll(a, "-", "_")} {
		err := s.app.QueryRow(t.Context(), "select count(i)::int from unnest($1::uuid[]) i", []string{a, wrong}).Scan(&n)
		require.ErrorContains(t, err, "invalid input syntax for type uuid", "%q: Postgres says what is wrong", wrong)
	}
}

// TestRowsShareNothing: what one row points to is not the next one's.
func TestRowsShareNothing(t *testing.T) {
	s, _ := opened(t)
	type inner struct {
		N int `db:"n"`
	}
	type row struct {
		inner
		Text *string        `db:"text"`
		Raw  []byte         `db:"raw"`
		List []string       `db:"list"`
		JSON map[string]int `db:"json"`
	}
	query := func() pgx.Rows {
		rows, err := s.app.Query(t.Context(), `select i as n, case when i < 3 then 'a' || i end as text, ('b' || i)::bytea as raw, array_fill('c' || i, array[i]) as list,
			jsonb_build_object('k' || i, i) as json from generate_series(1, 3) i`)
		require.NoError(t, err)
		return rows
	}
	got, err := structs[row](query())
	require.NoError(t, err)
	one, two := "a1", "a2"
	require.Equal(t, []row{
		{inner{1}, &one, []byte("b1"), []string{"c1"}, map[string]int{"k1": 1}},
		{inner{2}, &two, []byte("b2"), []string{"c2", "c2"}, map[string]int{"k2": 2}},
		{inner{3}, nil, []byte("b3"), []string{"c3", "c3", "c3"}, map[string]int{"k3": 3}},
	}, got)
	same, err := pgx.CollectRows(query(), pgx.RowToStructByName[row])
	require.NoError(t, err)
	require.Equal(t, same, got)

	_, err = structs[inner](query())
	require.ErrorContains(t, err, "5 columns for the 1 fields")
	rows, err := s.app.Query(t.Context(), "select 1 as m")
	require.NoError(t, err)
	_, err = structs[inner](rows)
	require.ErrorContains(t, err, "no field for the column m")
}
