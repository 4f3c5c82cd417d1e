"""What several tests share: a small server of our own on loopback, and flows driven by hand.

`certificates/` holds a made-up authority, another one, and a certificate that the first one signed for localhost.
All are valid from 2020 to 2099; the keys of the authorities are gone.
"""
