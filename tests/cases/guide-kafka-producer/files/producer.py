import os

from confluent_kafka import Producer

producer = Producer(
    {
        "bootstrap.servers": os.getenv("BROKERS", "kafka-1.internal:9092,kafka-2.internal:9092"),
        "acks": "all",
        "enable.idempotence": True,
    }
)


def report(error, record):
    if error is not None:
        raise RuntimeError(f"{record.topic()}: {error}")


def send(body):
    producer.produce("orders", body, on_delivery=report)
    producer.poll(0)


def close():
    producer.flush(10)
