#!/bin/sh
set -e
ufw allow 22/tcp
ufw allow 80/tcp
ufw allow from 10.20.0.0/16 to any port 3306
ufw --force enable
