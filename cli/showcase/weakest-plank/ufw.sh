#!/bin/sh
set -e
ufw default deny incoming
ufw allow from 10.20.0.0/16 to any port 22 proto tcp
ufw allow from 10.20.0.0/16 to any port 5671 proto tcp
ufw --force enable
