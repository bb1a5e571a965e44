package main

import (
	"log"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

const beat = 10 * time.Second

func main() {
	conn, err := amqp.DialConfig("amqp://guest:guest@localhost:5672/", amqp.Config{
		Heartbeat: beat,
		Dial:      amqp.DefaultDial(1 * time.Second),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()

	gone := conn.NotifyClose(make(chan *amqp.Error, 1))
	log.Fatal(<-gone)
}
