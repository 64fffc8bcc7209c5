// Prints what Go's logfmt decoder reads in each line of standard input: a JSON array of [name, value or null], or null if
// the decoder refuses the line.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"

	"github.com/go-logfmt/logfmt"
)

func read(line []byte) interface{} {
	pairs := [][2]interface{}{}
	decoder := logfmt.NewDecoder(bytes.NewReader(line))
	for decoder.ScanRecord() {
		for decoder.ScanKeyval() {
			var value interface{}
			if decoder.Value() != nil {
				value = string(decoder.Value())
			}
			pairs = append(pairs, [2]interface{}{string(decoder.Key()), value})
		}
	}
	if decoder.Err() != nil {
		return nil
	}
	return pairs
}

func main() {
	lines := bufio.NewReader(os.Stdin)
	printed := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		printed.Encode(read(line[:len(line)-1]))
	}
}
