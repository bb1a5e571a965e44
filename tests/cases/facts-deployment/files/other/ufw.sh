#!/bin/sh
set -e
ufw default deny incoming
ufw allow from 192.168.0.0/16 to any port 5672 proto tcp
ufw --force enable
