"""Results of pyspf: pyspf.py PORT, with `ADDRESS DOMAIN` a line on standard input."""
import sys

import dns.resolver

resolver = dns.resolver.get_default_resolver()
resolver.nameservers = ["127.0.0.1"]
resolver.port = int(sys.argv[1])

import spf  # noqa: E402  (it takes dnspython where that is there already)

assert spf.DNSLookup is spf.DNSLookup_dnspython
for line in sys.stdin:
    address, domain = line.split()
    print(spf.check2(i=address, s="postmaster@" + domain, h=domain)[0])
