ufw default deny incoming
ufw allow from 10.9.0.0/16 to any port 5671 proto tcp
ufw --force enable
