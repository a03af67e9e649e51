package cid

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
)

const maxDepth = 32

// Major types of CBOR (RFC 8949 §3.1), in the top three bits.
const (
	majorUint  = 0 << 5
	majorNeg   = 1 << 5
	majorBytes = 2 << 5
	majorText  = 3 << 5
	majorArray = 4 << 5
	majorMap   = 5 << 5
	majorTag   = 6 << 5
)

// DagCBOR encodes a JSON value of the AT Protocol data model ({"$link"} and {"$bytes"} included).
func DagCBOR(valueJSON []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(valueJSON))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("record is not JSON: %w", err)
	}
	return appendValue(nil, value, 0)
}

func appendValue(out []byte, value any, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("record is nested deeper than %d levels", maxDepth)
	}
	switch v := value.(type) {
	case nil:
		return append(out, 0xf6), nil
	case bool:
		if v {
			return append(out, 0xf5), nil
		}
		return append(out, 0xf4), nil
	case string:
		return append(appendHead(out, majorText, uint64(len(v))), v...), nil
	case json.Number:
		return appendInt(out, v)
	case []any:
		out = appendHead(out, majorArray, uint64(len(v)))
		var err error
		for _, item := range v {
			if out, err = appendValue(out, item, depth+1); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		return appendMap(out, v, depth)
	}
	return nil, fmt.Errorf("unsupported value %T", value)
}

func appendMap(out []byte, m map[string]any, depth int) ([]byte, error) {
	if len(m) == 1 {
		if link, ok := m["$link"].(string); ok {
			return appendLink(out, link)
		}
		if encoded, ok := m["$bytes"].(string); ok {
			raw, err := base64.RawStdEncoding.DecodeString(encoded)
			if err != nil {
				return nil, fmt.Errorf("$bytes: %w", err)
			}
			return append(appendHead(out, majorBytes, uint64(len(raw))), raw...), nil
		}
	}
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	// DAG-CBOR has one map order: shorter keys first, then bytewise.
	sort.Slice(keys, func(i, j int) bool {
		if len(keys[i]) != len(keys[j]) {
			return len(keys[i]) < len(keys[j])
		}
		return keys[i] < keys[j]
	})
	out = appendHead(out, majorMap, uint64(len(keys)))
	var err error
	for _, key := range keys {
		out = append(appendHead(out, majorText, uint64(len(key))), key...)
		if out, err = appendValue(out, m[key], depth+1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func appendLink(out []byte, link string) ([]byte, error) {
	raw, err := decode(link)
	if err != nil {
		return nil, err
	}
	out = appendHead(out, majorTag, 42)
	out = appendHead(out, majorBytes, uint64(len(raw)+1))
	return append(append(out, 0), raw...), nil // 0 = the identity multibase prefix of a binary CID
}

func appendInt(out []byte, number json.Number) ([]byte, error) {
	n, err := number.Int64()
	if err != nil {
		return nil, errors.New("numbers in a record must be 64-bit integers")
	}
	if n < 0 {
		return appendHead(out, majorNeg, uint64(-(n + 1))), nil
	}
	return appendHead(out, majorUint, uint64(n)), nil
}

// appendHead writes a major type with its argument in the shortest form, as DAG-CBOR demands.
func appendHead(out []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(out, major|byte(n))
	case n < 1<<8:
		return append(out, major|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(out, major|25), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(out, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(out, major|27), n)
}
