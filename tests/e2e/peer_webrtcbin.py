#!/usr/bin/python3
"""GStreamer's webrtcbin as a peer that shares no code with this project.

Lines in: `offer BASE64`, `answer BASE64`, `quit`.  Lines out: `ready`, `answer BASE64`, `offer BASE64`, `connected`.
Arguments: the WAV to say (48 kHz mono), the WAV to write what is heard to. With `-` for one of them it makes the offer
itself, one way, as a program does that speaks WHIP (nothing is heard) or WHEP (nothing is said).
Packages: python3-gi, gir1.2-gst-plugins-bad-1.0, gstreamer1.0-plugins-{base,good,bad}, gstreamer1.0-nice.
"""
import base64
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

Gst.init(None)
SAYS, HEARS = sys.argv[1:3]
OFFERS = "-" in (SAYS, HEARS)
TYPE = 96 if OFFERS else 111  # its own choice, as the offerer
CAPS = (f"application/x-rtp,media=audio,encoding-name=OPUS,payload={TYPE},clock-rate=48000,"
        "encoding-params=(string)2")
loop = GLib.MainLoop()
BIN = "webrtcbin name=peer bundle-policy=max-bundle latency=60"
if SAYS == "-":
    pipe = Gst.Pipeline.new()
    pipe.add(Gst.parse_launch(BIN))
else:
    pipe = Gst.parse_launch(
        f"{BIN} filesrc location={SAYS} ! wavparse ! clocksync ! audioconvert ! audioresample ! "
        f"opusenc bitrate=32000 ! rtpopuspay pt={TYPE} ! {CAPS} ! peer.")
peer = pipe.get_by_name("peer")


def say(text):
    print(text, flush=True)


def heard(_peer, pad):
    if pad.direction != Gst.PadDirection.SRC:
        return
    tail = Gst.parse_bin_from_description(
        "rtpopusdepay ! opusdec plc=true use-inband-fec=true ! audioconvert ! audioresample ! "
        f"audio/x-raw,rate=48000,channels=1,format=S16LE ! wavenc ! filesink location={HEARS}", True)
    pipe.add(tail)
    tail.sync_state_with_parent()
    pad.link(tail.get_static_pad("sink"))


def answered(promise):
    reply = promise.get_reply()  # kept alive, else the answer's SDP is gone
    answer = reply.get_value("answer")
    peer.emit("set-local-description", answer, Gst.Promise.new())
    say("answer " + base64.b64encode(answer.sdp.as_text().encode()).decode())


def take_offer(text):
    code, sdp = GstSdp.SDPMessage.new_from_text(base64.b64decode(text).decode())
    assert code == GstSdp.SDPResult.OK
    offer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.OFFER, sdp)
    peer.emit("set-remote-description", offer, Gst.Promise.new())
    peer.emit("create-answer", None, Gst.Promise.new_with_change_func(answered))


def offered(promise):
    reply = promise.get_reply()
    peer.emit("set-local-description", reply.get_value("offer"), Gst.Promise.new())


def gathered(*_):
    """WHIP needs no trickle: the offer goes when every candidate is in it (RFC 9725, 4.3.2)."""
    if OFFERS and peer.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
        text = peer.get_property("local-description").sdp.as_text()
        say("offer " + base64.b64encode(text.encode()).decode())


def make_offer():
    direction = GstWebRTC.WebRTCRTPTransceiverDirection
    if SAYS == "-":
        peer.emit("add-transceiver", direction.RECVONLY, Gst.Caps.from_string(CAPS))
    else:
        peer.emit("get-transceiver", 0).set_property("direction", direction.SENDONLY)
    peer.emit("create-offer", None, Gst.Promise.new_with_change_func(offered))


def take_answer(text):
    code, sdp = GstSdp.SDPMessage.new_from_text(base64.b64decode(text).decode())
    assert code == GstSdp.SDPResult.OK
    answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp)
    peer.emit("set-remote-description", answer, Gst.Promise.new())


def state(*_):
    if peer.get_property("connection-state") == GstWebRTC.WebRTCPeerConnectionState.CONNECTED:
        say("connected")


def line(source, _condition):
    text = source.readline()
    if not text or text.strip() == "quit":
        pipe.send_event(Gst.Event.new_eos())
        GLib.timeout_add(300, loop.quit)  # the WAV's header is written at the end
        return False
    if text.startswith("offer "):
        take_offer(text[6:].strip())
    if text.startswith("answer "):
        take_answer(text[7:].strip())
    return True


peer.connect("pad-added", heard)
peer.connect("notify::connection-state", state)
peer.connect("notify::ice-gathering-state", gathered)
GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, line)
pipe.set_state(Gst.State.PLAYING)
say("ready")
if OFFERS:
    GLib.timeout_add(200, lambda: make_offer() or False)
loop.run()
pipe.set_state(Gst.State.NULL)
