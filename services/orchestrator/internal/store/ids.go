package store

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/jackc/pgx/v5/pgtype"
)

// registerTypes makes ids text in Go, one spelling in JSON, protobuf, logs and SQL, and 16 bytes on the wire, which costs
// both sides less than text. Lists of strings go without a copy of each element.
func registerTypes(m *pgtype.Map) {
	id := &pgtype.Type{Name: "uuid", OID: pgtype.UUIDOID, Codec: uuidText{}}
	text, _ := m.TypeForOID(pgtype.TextOID)
	m.RegisterType(id)
	m.RegisterType(&pgtype.Type{Name: "_uuid", OID: pgtype.UUIDArrayOID, Codec: stringList{&pgtype.ArrayCodec{ElementType: id}, appendUUID}})
	m.RegisterType(&pgtype.Type{Name: "_text", OID: pgtype.TextArrayOID, Codec: stringList{&pgtype.ArrayCodec{ElementType: text}, appendText}})
}

// uuidText is uuids as Go strings. What is no uuid is sent as text, and Postgres says what is wrong with it.
type uuidText struct{ pgtype.UUIDCodec }

func (c uuidText) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, ok := value.(string); ok && format == pgtype.BinaryFormatCode {
		return encodeUUID{}
	}
	return c.UUIDCodec.PlanEncode(m, oid, format, value)
}

func (c uuidText) PlanScan(m *pgtype.Map, oid uint32, format int16, target any) pgtype.ScanPlan {
	if _, ok := target.(*string); ok && format == pgtype.BinaryFormatCode {
		return scanUUID{}
	}
	return c.UUIDCodec.PlanScan(m, oid, format, target)
}

type encodeUUID struct{}

func (encodeUUID) Encode(value any, buf []byte) ([]byte, error) {
	s, _ := value.(string)
	return appendUUID(buf, s)
}

func appendUUID(buf []byte, s string) ([]byte, error) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return nil, fmt.Errorf("%d bytes are no uuid", len(s))
	}
	for _, part := range [...]string{s[:8], s[9:13], s[14:18], s[19:23], s[24:]} {
		var err error
		if buf, err = hex.AppendDecode(buf, []byte(part)); err != nil {
			return nil, err
		}
	}
	return buf, nil
}

func appendText(buf []byte, s string) ([]byte, error) { return append(buf, s...), nil }

type scanUUID struct{}

func (scanUUID) Scan(src []byte, target any) error {
	s, ok := target.(*string)
	if !ok || len(src) != 16 {
		return fmt.Errorf("cannot scan %d bytes as a uuid into %T", len(src), target)
	}
	var out [36]byte
	hex.Encode(out[:8], src[:4])
	hex.Encode(out[9:13], src[4:6])
	hex.Encode(out[14:18], src[6:8])
	hex.Encode(out[19:23], src[8:10])
	hex.Encode(out[24:], src[10:])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	*s = string(out[:])
	return nil
}

// stringList is an array of strings whose elements add appends in their binary form.
type stringList struct {
	*pgtype.ArrayCodec
	add func([]byte, string) ([]byte, error)
}

func (l stringList) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, ok := value.([]string); ok && format == pgtype.BinaryFormatCode {
		return encodeList{l}
	}
	return l.ArrayCodec.PlanEncode(m, oid, format, value)
}

type encodeList struct{ of stringList }

// Encode writes Postgres' binary array: dimensions, whether there are nulls, the element's type, length and lower bound,
// and each element behind its length.
func (p encodeList) Encode(value any, buf []byte) (_ []byte, err error) {
	list, _ := value.([]string)
	if list == nil {
		return nil, nil
	}
	oid := p.of.ElementType.OID
	if len(list) == 0 {
		return appendInts(buf, 0, 0, oid), nil
	}
	buf = appendInts(buf, 1, 0, oid, uint32(len(list)), 1)
	for _, s := range list {
		at := len(buf)
		if buf, err = p.of.add(appendInts(buf, 0), s); err != nil {
			return nil, err
		}
		binary.BigEndian.PutUint32(buf[at:], uint32(len(buf)-at-4))
	}
	return buf, nil
}

func appendInts(buf []byte, ns ...uint32) []byte {
	for _, n := range ns {
		buf = binary.BigEndian.AppendUint32(buf, n)
	}
	return buf
}
