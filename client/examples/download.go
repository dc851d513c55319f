// Downloads SOURCE, a URL or a name of the catalog, and writes the file to stdout:
//
//	download SOURCE > FILE
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/varlink/go/varlink"
)

type ids struct {
	IDs []int64 `json:"ids"`
}

type id struct {
	ID int64 `json:"id"`
}

// What this program reads of a job, see io.concd(7).
type job struct {
	State   string
	Failure *struct{ Message string }
}

// download returns the finished file, open for reading.
func download(ctx context.Context, socket, source string) (*os.File, error) {
	concd, err := varlink.NewConnection(ctx, "unix:"+socket)
	if err != nil {
		return nil, err
	}
	defer concd.Close()

	var submitted id
	request := struct {
		Source string `json:"source"`
	}{source}
	if err := concd.Call(ctx, "io.concd.Download", request, &submitted); err != nil {
		return nil, explain(err)
	}
	var ended struct{ Jobs []job }
	if err := concd.Call(ctx, "io.concd.Wait", ids{[]int64{submitted.ID}}, &ended); err != nil {
		return nil, explain(err)
	}
	if job := ended.Jobs[0]; job.State != "done" {
		if job.Failure != nil {
			return nil, errors.New(job.Failure.Message)
		}
		return nil, errors.New(job.State)
	}
	file, err := openResult(socket, submitted.ID)
	if err != nil {
		return nil, err
	}
	// The daemon may forget its copy. The file is ours, whatever is replied.
	_ = concd.Call(ctx, "io.concd.Release", submitted, &struct{}{})
	return file, nil
}

// openResult asks for the file of a job on a connection of its own, because the library takes no descriptors.
func openResult(socket string, job int64) (*os.File, error) {
	concd, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		return nil, err
	}
	defer concd.Close()
	if _, err := fmt.Fprintf(concd, `{"method":"io.concd.OpenResult","parameters":{"id":%d}}`+"\x00", job); err != nil {
		return nil, err
	}
	var message []byte
	var fds []int
	for !bytes.HasSuffix(message, []byte{0}) {
		data, control := make([]byte, 4096), make([]byte, syscall.CmsgSpace(4))
		count, controlCount, _, _, err := concd.ReadMsgUnix(data, control)
		if err != nil {
			return nil, err
		}
		if count == 0 {
			return nil, io.ErrUnexpectedEOF
		}
		message = append(message, data[:count]...)
		fds = append(fds, descriptors(control[:controlCount])...)
	}
	var reply struct{ Error string }
	if err := json.Unmarshal(bytes.TrimRight(message, "\x00"), &reply); err != nil {
		return nil, err
	}
	if reply.Error != "" {
		return nil, errors.New(reply.Error)
	}
	if len(fds) != 1 {
		return nil, errors.New("no descriptor came")
	}
	return os.NewFile(uintptr(fds[0]), "result"), nil
}

func descriptors(control []byte) []int {
	messages, err := syscall.ParseSocketControlMessage(control)
	if err != nil {
		return nil
	}
	var found []int
	for _, message := range messages {
		if fds, err := syscall.ParseUnixRights(&message); err == nil {
			found = append(found, fds...)
		}
	}
	return found
}

// explain adds the parameters of a Varlink error, which the library leaves out, to its name.
func explain(err error) error {
	var refused *varlink.Error
	if errors.As(err, &refused) {
		if parameters, ok := refused.Parameters.(*json.RawMessage); ok && parameters != nil {
			return fmt.Errorf("%w %s", err, *parameters)
		}
	}
	return err
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: download SOURCE > FILE")
		os.Exit(2)
	}
	socket := os.Getenv("CONCD_SOCKET")
	if socket == "" {
		socket = "/run/concd/concd.sock"
	}
	file, err := download(context.Background(), socket, os.Args[1])
	if err == nil {
		_, err = io.Copy(os.Stdout, file)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}
