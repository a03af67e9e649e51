package cid_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"chimera/infra/local/sandbox/internal/cid"
)

// The expected values are the AT Protocol's published interop vectors and the well-known CIDs of
// empty values: our encoder must agree with everyone else's, not with itself.
func TestRecordMatchesPublishedVectors(t *testing.T) {
	cases := map[string]struct{ json, cid string }{
		"empty map": {`{}`, "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua"},
		"link, bytes and blob": {
			`{
			"c": {"$type":"blob","ref":{"$link":"bafkreiccldh766hwcnuxnf2wh6jgzepf2nlu2lvcllt63eww5p6chi4ity"},"mimeType":"image/jpeg","size":10000},
			"a": {"$link":"bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a"},
			"b": {"$bytes":"nFERjvLLiw9qm45JrqH9QTzyC2Lu1Xb4ne6+sBrCzI0"}}`,
			"bafyreihldkhcwijkde7gx4rpkkuw7pl6lbyu5gieunyc7ihactn5bkd2nm",
		},
		"nested": {
			`{"a":{"b":[
			{"d":[{"$link":"bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a"},{"$link":"bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a"}],
			"e":[{"$bytes":"nFERjvLLiw9qm45JrqH9QTzyC2Lu1Xb4ne6+sBrCzI0"},{"$bytes":"iE+sPoHobU9tSIqGI+309LLCcWQIRmEXwxcoDt19tas"}]}]}}`,
			"bafyreid3imdulnhgeytpf6uk7zahjvrsqlofkmm5b5ub2maw4kqus6jp4i",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := cid.Record([]byte(c.json))
			require.NoError(t, err)
			require.Equal(t, c.cid, got)
			require.True(t, cid.Valid(got))
		})
	}
	require.Equal(t, "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku", cid.Raw(nil))
}

func TestRecordRefusesWhatTheDataModelLacks(t *testing.T) {
	deep := ""
	for range 40 {
		deep += `{"a":`
	}
	for _, bad := range []string{`{"a":1.5}`, `{"a":`, `{"a":{"$link":"nonsense"}}`, `{"a":{"$bytes":"!"}}`, deep + "1" + strings.Repeat("}", 40)} {
		_, err := cid.Record([]byte(bad))
		require.Error(t, err, bad)
	}
	require.False(t, cid.Valid("bafyshort"))
}

func TestTIDsRiseEvenWhenTheClockStands(t *testing.T) {
	var clock cid.TIDClock
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	previous := ""
	for range 100 {
		tid := clock.Next(now)
		require.True(t, cid.ValidTID(tid), tid)
		require.Greater(t, tid, previous)
		previous = tid
	}
	for _, bad := range []string{"", "self", "3jzfcijpj2z2", "zzzzzzzzzzzzz", "3JZFCIJPJ2Z2A", "0000000000000"} {
		require.False(t, cid.ValidTID(bad), bad)
	}
}
