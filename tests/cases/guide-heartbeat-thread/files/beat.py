import threading
import time

import pika

connection = pika.BlockingConnection(pika.ConnectionParameters("mq.internal", heartbeat=60))


def beat(conn, every=20):
    while True:
        conn.process_data_events()
        time.sleep(every)


threading.Thread(target=beat, args=(connection, 20), daemon=True).start()
