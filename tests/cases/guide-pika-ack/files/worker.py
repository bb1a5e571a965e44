import pika

connection = pika.BlockingConnection(pika.ConnectionParameters("mq.internal", heartbeat=30))
channel = connection.channel()
channel.queue_declare("orders", durable=True, arguments={"x-dead-letter-exchange": "orders.dead"})
channel.basic_qos(prefetch_count=20)


def on_order(ch, method, properties, body):
    try:
        handle(body)
    except TemporaryFailure:
        ch.basic_nack(delivery_tag=method.delivery_tag, requeue=not method.redelivered)
    except Exception:
        ch.basic_nack(delivery_tag=method.delivery_tag, requeue=False)
    else:
        ch.basic_ack(delivery_tag=method.delivery_tag)


channel.basic_consume("orders", on_order)
channel.start_consuming()
