// Command pubsub serves Google's own in-memory Pub/Sub fake (pstest) as an emulator on one address.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	pb "cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc"
)

// A pull of 1,000 large messages must fit; one message alone may be 10 MB.
const maxGrpcMessage = 1 << 30

func main() {
	host := flag.String("host", "127.0.0.1", "address to listen on")
	port := flag.Int("port", 0, "port to listen on, 0 for a free one")
	monitoringPort := flag.Int("monitoring-port", 0, "port for Cloud Monitoring's timeSeries.list, 0 for none")
	exitWithStdin := flag.Bool("exit-with-stdin", false, "end when stdin closes, as it does when the parent dies")
	flag.Parse()

	listener, err := net.Listen("tcp", net.JoinHostPort(*host, fmt.Sprint(*port)))
	if err != nil {
		log.Fatal(err)
	}
	service := newFake()
	if *monitoringPort != 0 {
		serveMonitoring(service, net.JoinHostPort(*host, fmt.Sprint(*monitoringPort)))
	}
	server := grpc.NewServer(grpc.MaxRecvMsgSize(maxGrpcMessage), grpc.MaxSendMsgSize(maxGrpcMessage))
	pb.RegisterPublisherServer(server, service)
	pb.RegisterSubscriberServer(server, service)
	pb.RegisterSchemaServiceServer(server, service)

	stop, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	context.AfterFunc(stop, server.Stop)
	if *exitWithStdin {
		go func() {
			io.Copy(io.Discard, os.Stdin)
			server.Stop()
		}()
	}
	fmt.Printf("{\"listening\":%q}\n", listener.Addr())
	if err := server.Serve(listener); err != nil {
		log.Fatal(err)
	}
}

func serveMonitoring(service fake, address string) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(http.Serve(listener, http.HandlerFunc(service.monitoring))) }()
}
