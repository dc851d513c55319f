"""Stands in for polkitd on a bus: fake_polkit.py ANSWERS, a JSON file of yes, no or never by action, read each time.

Prints "ready", and then a line of JSON for each question.
"""

import json
import pathlib
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME = "org.freedesktop.PolicyKit1"


class Authority(dbus.service.Object):
    @dbus.service.method(f"{NAME}.Authority", in_signature="(sa{sv})sa{ss}us", out_signature="(bba{ss})",
                         async_callbacks=("reply", "_error"))
    def CheckAuthorization(self, subject, action, _details, flags, _cancellation, reply, _error):
        kind, about = subject
        answer = json.loads(pathlib.Path(sys.argv[1]).read_text()).get(action, "no")
        print(json.dumps({"kind": kind, "pid": int(about["pid"]), "uid": int(about["uid"]), "action": str(action),
                          "flags": int(flags)}), flush=True)
        if answer != "never":
            reply((answer == "yes", False, dbus.Dictionary(signature="ss")))


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
name = dbus.service.BusName(NAME, dbus.SystemBus())
authority = Authority(name, "/org/freedesktop/PolicyKit1/Authority")
print("ready", flush=True)
GLib.MainLoop().run()
