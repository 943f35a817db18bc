"""How many domains a second checkdmarc checks: SPF and DMARC, which is what
`spfc lint` reads. Domains come on standard input, one a line; the address and the
port of the name server are the arguments."""

import sys
import time

import dns.resolver
from checkdmarc.dmarc import check_dmarc
from checkdmarc.spf import check_spf

resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers = [sys.argv[1]]
resolver.port = int(sys.argv[2])
domains = sys.stdin.read().split()

began = time.monotonic()
for domain in domains:
    check_spf(domain, resolver=resolver)
    check_dmarc(domain, resolver=resolver)
print(len(domains) / (time.monotonic() - began))
