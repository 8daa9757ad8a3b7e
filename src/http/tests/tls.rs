//! A server that cannot show who it is.

use std::{io::Read as _, net::TcpListener, sync::Arc, thread};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer},
};

use super::{super::Fault, client, post};

#[test]
fn a_certificate_that_nobody_trusts_gets_no_token() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let certificate = CertificateDer::from(include_bytes!("self-signed.der").to_vec());
    let key = PrivatePkcs8KeyDer::from(include_bytes!("self-signed-key.der").to_vec());
    let config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key.into());
    let config = Arc::new(config.unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // A client may try again: each attempt must end without a byte of a request.
    let server = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
        let mut request = Vec::new();
        let end = stream.read_to_end(&mut request);
        (request, end.is_err())
    });
    let error = post(&client(&format!("https://127.0.0.1:{port}"))).unwrap_err();
    assert!(matches!(error.fault(), Fault::Tls { .. }), "{error}");
    assert!(error.to_string().contains("SSL_CERT_FILE"), "{error}");
    assert!(!error.may_have_been_done());
    assert_eq!(server.join().unwrap(), (Vec::new(), true));
}
