export function App() {
  return (
    <main>
      <h1>faafo</h1>
      <p>Fractals as a service.</p>
    </main>
  );
}
