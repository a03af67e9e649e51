package apitest

import (
	"encoding/binary"
	"encoding/json"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// streams reports whether the procedure answers with a stream.
func streams(procedure string) bool {
	found := false
	protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		for i := range f.Services().Len() {
			methods := f.Services().Get(i).Methods()
			for j := range methods.Len() {
				if Procedure(methods.Get(j)) == procedure {
					found = methods.Get(j).IsStreamingServer()
					return false
				}
			}
		}
		return true
	})
	return found
}

// envelope is a message of a Connect stream: flags, length, bytes.
func envelope(flags byte, body []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{flags}, uint32(len(body))), body...)
}

const endOfStream = 0b10

// unwrap takes a whole stream apart; the last message may hold an error, which answers with HTTP 200.
func (a *Answer) unwrap() {
	rest := a.Body
	for len(rest) >= 5 {
		flags, size := rest[0], int(binary.BigEndian.Uint32(rest[1:5]))
		if len(rest) < 5+size {
			return
		}
		body := rest[5 : 5+size]
		rest = rest[5+size:]
		if flags&endOfStream == 0 {
			a.Messages = append(a.Messages, body)
			continue
		}
		var end struct{ Error json.RawMessage }
		if json.Unmarshal(body, &end) == nil && len(end.Error) > 0 {
			a.Body = end.Error
			a.parse()
		}
	}
}
