package sql_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab/node/images/sql"
)

func TestSelect(t *testing.T) {
	known := map[string]string{"version()": "9"}
	tests := []struct {
		statement string
		row       []sql.Column
	}{
		{"SELECT 1", []sql.Column{{Source: "1", Value: "1", Number: true}}},
		{"select -1.5 AS n, 'it''s, so' as \"x\"", []sql.Column{{Source: "-1.5", Alias: "n", Value: "-1.5", Number: true}, {Source: "'it''s, so'", Alias: "x", Value: "it's, so"}}},
		{"Select Version()", []sql.Column{{Source: "Version()", Value: "9", Known: true}}},
		{"SELECT", nil},
		{"SELECT 1 FROM t", nil},
		{"SELECT 1+1", nil},
		{"SELECT ''' ", nil},
		{"INSERT INTO t VALUES (1)", nil},
	}
	for _, tt := range tests {
		t.Run(tt.statement, func(t *testing.T) {
			row, ok := sql.Select(tt.statement, known)
			if ok != (tt.row != nil) || ok && !cmp.Equal(row, tt.row) {
				t.Errorf("%+v %v", row, ok)
			}
		})
	}
}

func TestSplit(t *testing.T) {
	if got := sql.Split(" select ';';; select 2 ;\n"); !cmp.Equal(got, []string{"select ';'", "select 2"}) {
		t.Errorf("%q", got)
	}
}

func FuzzSelect(f *testing.F) {
	for _, s := range []string{"SELECT 1", "select 'a', \"b\" as c", "SELECT '", "select ,"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, statement := range sql.Split(s) {
			if row, ok := sql.Select(statement, nil); ok && len(row) == 0 {
				t.Error("no columns")
			}
		}
	})
}
