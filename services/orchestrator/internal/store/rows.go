package store

import (
	"fmt"
	"reflect"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// structs reads all rows into structs by their columns' names and db tags; every column needs a field, every field a
// column. It is pgx's CollectRows with RowToStructByName, but finds out once a statement which column goes where: pgx
// joins all names into a key for every row, and makes its targets anew.
func structs[T any](rows pgx.Rows) ([]T, error) {
	defer rows.Close()
	out := []T{}
	// Scanned into one after the other, so that only the rows themselves are made.
	var row, blank T
	var targets []any
	for rows.Next() {
		if targets == nil {
			var err error
			if targets, err = targetsIn(&row, rows.FieldDescriptions()); err != nil {
				return nil, err
			}
		}
		// What the last row points to must not be written into.
		row = blank
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// targetsIn answers the addresses of row's fields in the columns' order.
func targetsIn[T any](row *T, columns []pgconn.FieldDescription) ([]any, error) {
	v := reflect.ValueOf(row).Elem()
	fields := fieldsOf(v.Type())
	if len(columns) != len(fields) {
		return nil, fmt.Errorf("%d columns for the %d fields of %s", len(columns), len(fields), v.Type())
	}
	targets := make([]any, len(columns))
	for i, c := range columns {
		path, ok := fields[c.Name]
		if !ok {
			return nil, fmt.Errorf("%s has no field for the column %s", v.Type(), c.Name)
		}
		targets[i] = v.FieldByIndex(path).Addr().Interface()
	}
	return targets, nil
}

// known holds fieldsOf by type: as many as there are kinds of rows.
var known sync.Map

func fieldsOf(t reflect.Type) map[string][]int {
	if f, ok := known.Load(t); ok {
		return f.(map[string][]int) //nolint:forcetypeassert // this is the only place that stores
	}
	fields := map[string][]int{}
	for _, f := range reflect.VisibleFields(t) {
		if name, ok := f.Tag.Lookup("db"); ok {
			fields[name] = f.Index
		}
	}
	known.Store(t, fields)
	return fields
}
