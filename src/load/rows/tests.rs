use std::io::Cursor;

use super::*;

fn rows(text: &[u8], sort: Sort) -> Result<Rows, RowsError> {
    Rows::new(Cursor::new(text.to_vec()), sort, b',')
}

/// The wanted columns of every row, or why a row cannot be used, or why the reading ended.
fn read(text: &[u8], sort: Sort, names: &[&str]) -> Vec<Result<Vec<Option<String>>, String>> {
    let mut rows = match rows(text, sort) {
        Ok(rows) => rows,
        Err(error) => return vec![Err(error.to_string())],
    };
    let wanted = Wanted::find(&rows, names.iter().map(ToString::to_string).collect()).unwrap();
    let mut all = Vec::new();
    let mut row = Row::default();
    loop {
        match rows.read(&mut row) {
            Ok(false) => return all,
            Ok(true) => {
                let cells = wanted.cells(&row);
                assert_eq!(row.number, all.len() as u64 + 1);
                all.push(cells.map(|cells| cells.into_iter().map(|cell| cell.map(text_of)).collect()));
            }
            Err(error) => {
                all.push(Err(error.to_string()));
                return all;
            }
        }
    }
}

fn text_of(cell: Cell<'_>) -> String {
    match cell {
        Cell::Text(text) => text.into_owned(),
        Cell::List(items) => items.join("+"),
    }
}

#[allow(clippy::unnecessary_wraps, reason = "it stands beside rows that cannot be read")]
fn some(cells: &[&str]) -> Result<Vec<Option<String>>, String> {
    Ok(cells.iter().map(|cell| (!cell.is_empty()).then(|| (*cell).to_owned())).collect())
}

#[test]
fn rows_of_csv_are_read_by_the_names_of_their_columns() {
    let text = "\u{feff}id, who ,what\n1,ana, mail \n\n2,\"ben\nokoro\",\"a,\"\"b\"\"\"\r\n3,,x";
    let expected = [some(&["mail", "ana"]), some(&["a,\"b\"", "ben\nokoro"]), some(&["x", ""])];
    assert_eq!(read(text.as_bytes(), Sort::Csv, &["what", "who"]), expected);
    assert_eq!(read(b"id\n", Sort::Csv, &["id"]), []);
    assert_eq!(read(b"id\n7", Sort::Csv, &["id"]), [some(&["7"])]);
}

#[test]
fn a_broken_row_is_said_and_the_next_one_is_read() {
    let text = b"id,who\n1,ana\n2\n3,ben,more\n4,\xff\n5,\"two\nlines\",x\n6,cleo\n";
    let all = read(text, Sort::Csv, &["who"]);
    assert_eq!(all.len(), 6);
    assert_eq!((&all[0], &all[5]), (&some(&["ana"]), &some(&["cleo"])));
    let why = |number: usize| all[number].clone().unwrap_err();
    assert!(why(1).starts_with("it has 1 column instead of 2"), "{}", why(1));
    assert!(why(2).starts_with("it has 3 columns instead of 2"), "{}", why(2));
    assert_eq!(why(3), "`who` is not UTF-8");
    assert!(why(4).contains("runs from line 6 to line 7"), "{}", why(4));
}

#[test]
fn a_quote_that_is_never_closed_ends_the_reading() {
    let all = read(b"id,who\n1,ana\n2,\"ben\n3,cleo\n", Sort::Csv, &["who"]);
    assert_eq!(all[0], some(&["ana"]));
    assert!(all[1].clone().unwrap_err().starts_with("a quote in row 2, which starts on line 3"), "{all:?}");
    assert_eq!(all.len(), 2);
    let closed = read(b"id,who\n1,ana\n2,\"ben\n3,cleo\n\"", Sort::Csv, &["who"]);
    assert_eq!(closed[1], some(&["ben\n3,cleo"]));
}

#[test]
fn a_row_without_end_does_not_fill_the_memory() {
    let most = usize::try_from(MOST_BYTES).unwrap();
    let long = |length: usize| [&b"id,who\n1,ana\n2,"[..], &vec![b'x'; length], b"\n3,ben\n"].concat();
    assert_eq!(read(&long(1_000_000), Sort::Csv, &["id"]).len(), 3);
    let all = read(&long(most + 1_000_000), Sort::Csv, &["id"]);
    assert!(
        all[1].clone().unwrap_err().starts_with("row 2, which starts on line 3, has more than"),
        "{all:?}"
    );
    let lines = [&b"{\"id\":1}\n{\"id\":\""[..], &vec![b'x'; most], b"\"}\n{\"id\":3}\n"].concat();
    let all = read(&lines, Sort::JsonLines, &["id"]);
    assert_eq!((&all[0], &all[2]), (&some(&["1"]), &some(&["3"])));
    assert!(all[1].clone().unwrap_err().starts_with("it has more than the"), "{:?}", all[1]);
}

#[test]
fn what_is_no_table_is_said() {
    for (text, words) in [
        (&b""[..], "it is empty"),
        (b"\n\n", "it is empty"),
        (b"\xff\xfea\0", "UTF-16"),
        (b"PK\x03\x04", "a workbook"),
        (b"a;b\n1;2\n", "separated by `;`"),
    ] {
        let error = rows(text, Sort::Csv).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    assert!(Rows::new(Cursor::new(b"a;b\n"), Sort::Csv, b';').is_ok());
}

#[test]
fn columns_are_found_once_or_the_mistake_is_named() {
    let rows = rows(b"Number,Opened,who,who\n", Sort::Csv).unwrap();
    let find = |name: &str| {
        Wanted::find(&rows, vec![name.to_owned()]).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(find("Opened"), Ok(()));
    let missing = find("Opend").unwrap_err();
    assert_eq!(
        missing,
        "there is no column `Opend`: did you mean `Opened`? (the columns are `Number`, `Opened`, `who`, `who`)"
    );
    assert_eq!(find("who").unwrap_err(), "2 columns are called `who`: rename all but the one that is meant");
}

#[test]
fn rows_of_json_are_read_by_paths() {
    let text =
        br#"{"id":7,"request":{"who":"ana","more":{"x":[1]}},"list":["a",2,true],"other":{"deep":[{}]}}

{"id":"\u0041 ","request":null,"list":[],"yes":false}
[1]
{"id":1
{"id":1} x
{"id":{"a":1}}
{"id":1,"id":2}
{"id":1.5}"#;
    let all = read(text, Sort::JsonLines, &["id", "request.who", "list"]);
    assert_eq!(all[0], some(&["7", "ana", "a+2+true"]));
    assert_eq!(all[1], some(&["A", "", ""]));
    for (number, words) in [
        (2, "it is not an object: write `{…}` on each line"),
        (3, "it is not JSON: EOF while parsing an object at byte 7"),
        (4, "it is not JSON: trailing characters at byte 10"),
        (5, "`id` is an object: name a field of it, such as `id.name`"),
        (6, "`id` stands in it twice"),
    ] {
        assert_eq!(all[number].clone().unwrap_err(), words);
    }
    assert_eq!(all[7], some(&["1.5", "", ""]));
}

/// The lines on which rows begin and end.
fn lines_of(text: &str, sort: Sort) -> Vec<(u64, u64)> {
    let mut rows = rows(text.as_bytes(), sort).unwrap();
    let (mut row, mut found) = (Row::default(), Vec::new());
    while rows.read(&mut row).unwrap() {
        found.push((row.line, row.last_line));
    }
    found
}

#[test]
fn rows_stand_on_the_lines_of_the_file() {
    let one = |line: u64| (line, line);
    for (text, expected) in [
        ("id,who\n1,ana\n2,ben\n", vec![one(2), one(3)]),
        ("id,who\n1,ana\n2,ben", vec![one(2), one(3)]),
        ("\n\nid,who\n\n\n1,ana\n\n2,ben\n\n", vec![one(6), one(8)]),
        ("id,who\n1,\"a\nn\na\"\n2,ben\n", vec![(2, 4), one(5)]),
        ("\"id\n\",who\n\n1,\"\nana\"\n\n2,ben\n", vec![(4, 5), one(7)]),
        ("\u{feff}id,who\n\n1,ana\n", vec![one(3)]),
    ] {
        assert_eq!(lines_of(text, Sort::Csv), expected, "{text:?}");
        for end in ["\r\n", "\r"] {
            let other = text.replace('\n', end);
            assert_eq!(lines_of(&other, Sort::Csv), expected, "{other:?}");
        }
    }
    assert_eq!(lines_of("\n{}\n\n{}", Sort::JsonLines), [one(2), one(4)]);
    // Also where a buffer ends between them.
    let long = format!("id,who\r\n{}1,ana\r\n", "\r\n".repeat(200_000));
    assert_eq!(lines_of(&long, Sort::Csv), [one(200_002)]);
    for end in ["\n", "\r\n", "\r"] {
        let open = ["id,who", "", "1,ana", "", "2,\"ben", "3,cleo", ""].join(end);
        let all = read(open.as_bytes(), Sort::Csv, &["who"]);
        let words = "a quote in row 2, which starts on line 5";
        assert!(all[1].clone().unwrap_err().starts_with(words), "{all:?}");
    }
}
