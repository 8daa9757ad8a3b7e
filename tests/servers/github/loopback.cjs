// Preloaded into the emulator, which listens on every address of the machine by itself: only this machine may reach it.
const net = require("node:net");

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, _host, ...rest) {
    return listen.call(this, port, "127.0.0.1", ...rest);
};
